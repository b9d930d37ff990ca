//! The guard half: owners, their doors and juniors, who may open what, and what happened.
