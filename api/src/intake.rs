//! Taking recordings in: forms, uploads that can be resumed, and what people write beside them.

pub mod fields;
pub mod file_name;
pub mod finisher;
pub mod form;
pub mod line;
pub mod media_type;
pub mod resumable;
pub mod space;
pub mod speakers;
pub mod summary_options;
pub mod title;
pub mod tus;
pub mod upload;
