//! The guard half: its messages, its grades, its grants, its link and device, as sentences.

mod device;
mod device_clock;
mod device_grants;
mod grades;
mod grants;
mod link;
mod node;
mod osdp;
mod osdp_bus;
mod osdp_rig;
mod osdp_sim;
mod osdp_walk;
mod random_walk;
mod replies;
mod requests;
mod rig;
mod uhppote;
mod uhppote_bridge;
mod uhppote_memory;
mod uhppote_rig;
mod uhppote_walk;
mod wiegand;
