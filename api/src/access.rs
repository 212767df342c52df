//! Who may do what: the job that a request is about, the name it calls this server by, the page and the client that it
//! comes from.

pub mod client_address;
pub mod host;
pub mod job;
pub mod origin;
