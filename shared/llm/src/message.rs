//! What a model is told: messages, and the tools that it may call.

use serde_json::{Value, json};

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The program, which says what the model is to do.
    System,
    /// The person who asks.
    User,
    /// The model itself, earlier.
    Assistant,
    /// A tool that the model called.
    Tool,
}

impl Role {
    /// The word for it, the same in every wire format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// One message of a conversation with a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// The words.
    pub text: String,
    /// Tools that the model called in it; of the assistant only.
    pub tool_calls: Vec<ToolCall>,
    /// The call that it is the result of; of tools only.
    pub result_of: Option<ToolCall>,
}

impl Message {
    /// What the model is to do.
    pub fn system(text: impl Into<String>) -> Self {
        Self::said_by(Role::System, text)
    }

    /// What a person says.
    pub fn user(text: impl Into<String>) -> Self {
        Self::said_by(Role::User, text)
    }

    /// What the model said earlier.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::said_by(Role::Assistant, text)
    }

    /// What came of a tool that the model called.
    pub fn tool_result(call: ToolCall, text: impl Into<String>) -> Self {
        Self { result_of: Some(call), ..Self::said_by(Role::Tool, text) }
    }

    fn said_by(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into(), tool_calls: Vec::new(), result_of: None }
    }
}

/// Something that the model may have done for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// Its name, in snake case.
    pub name: String,
    /// What it does and when to call it, for the model.
    pub description: String,
    /// JSON schema of its arguments.
    pub parameters: Value,
}

impl Tool {
    /// Its form on the wire, which every server takes.
    pub(crate) fn wire(&self) -> Value {
        let Self { name, description, parameters } = self;
        let function = json!({ "name": name, "description": description, "parameters": parameters });
        json!({ "type": "function", "function": function })
    }
}

/// The model asks for a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// Names this call among those of its message; empty where the server gives no ids.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments, which may be anything.
    pub arguments: Value,
}

/// What a language model is asked.
#[derive(Clone, Debug)]
pub struct ChatRequest {
    /// The conversation so far; the last message is the one that is answered.
    pub messages: Vec<Message>,
    /// What the model may call.
    pub tools: Vec<Tool>,
    /// JSON schema that the answer has to follow, if it is not free text.
    pub schema: Option<Value>,
    /// Most tokens of the answer, thinking included.
    pub max_output_tokens: u64,
    /// 0 always takes the likeliest word.
    pub temperature: f64,
}

impl ChatRequest {
    /// A question in free text, without tools, that always gets the likeliest answer.
    pub const fn new(messages: Vec<Message>, max_output_tokens: u64) -> Self {
        Self { messages, tools: Vec::new(), schema: None, max_output_tokens, temperature: 0.0 }
    }
}
