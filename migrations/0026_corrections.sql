-- What was corrected of an order, or why it was cancelled or set back. Orders that are cancelled have the status X.
ALTER TABLE evidence ADD COLUMN detail TEXT; -- corrected: JSON of the texts before and after; otherwise the reason
