//! Pages, their forms and server functions.

mod corrections;
mod damaged_rows;
mod forgotten;
mod forms;
mod functions;
mod functions_forms;
mod functions_input;
mod functions_replay;
mod guards_import;
pub mod inhabited;
mod lists;
mod notifications;
mod operator_doors;
mod operator_functions;
mod operator_live;
mod orders_import;
mod owner_live;
mod owner_records_csv;
mod owner_superiors;
mod registering;
mod rendering;
mod repeats;
mod shown_passwords;
mod site;
mod site_settings;
