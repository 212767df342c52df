//! What a model is asked for one set of minutes, and asked again until its answer can be read.

use llm::{ChatRequest, LlmError, Message, RetryingChat, TokenUsage, estimate_tokens};
use serde_json::{Map, Value};

use crate::{
    Brief, Transcript, answer,
    draft::Draft,
    evidence::Evidence,
    live::{OnDraft, Turns, Voice},
    prompt::Question,
};

/// Fewest tokens for transcript lines that make sense.
const MIN_TRANSCRIPT_TOKENS: u64 = 400;

/// Most tokens of an answer, thinking included.
const MAX_ANSWER_TOKENS: u64 = 16_384;

/// Times a question is asked until the answer can be read.
const MAX_ATTEMPTS: u32 = 3;

/// One set of minutes in the making.
pub(super) struct Writer<'a> {
    pub model: &'a RetryingChat,
    pub brief: &'a Brief<'a>,
    /// Language of the transcript, in which everything is written and checked.
    pub language: String,
    pub evidence: Evidence,
    /// Tokens of one answer.
    pub answer_tokens: u64,
    /// Tokens of what is asked about.
    pub budget: u64,
    pub usage: TokenUsage,
    pub on_draft: &'a OnDraft<'a>,
    pub turns: Turns,
}

impl<'a> Writer<'a> {
    pub async fn new(
        model: &'a RetryingChat,
        brief: &'a Brief<'a>,
        transcript: &Transcript<'_>,
        on_draft: &'a OnDraft<'a>,
    ) -> Result<Self, LlmError> {
        let usage = TokenUsage::default();
        let context = model.context(&usage).await?;
        let answer_tokens = (context / 4).min(MAX_ANSWER_TOKENS);
        // Instructions and schema, the frame of the question, and room for what is asked again.
        let rest = estimate_tokens(&brief.template.schema.to_string())
            + estimate_tokens(&brief.template.instructions(brief.length).concat())
            + 400
            + context / 16;
        let budget = context.saturating_sub(answer_tokens + rest);
        if budget < MIN_TRANSCRIPT_TOKENS {
            let reason =
                format!("{context} tokens, of which {rest} are instructions and {answer_tokens} the answer");
            return Err(LlmError::ContextTooSmall { provider: model.chat.name(), reason });
        }
        let language = transcript.language();
        let evidence = Evidence::new(transcript.segments, &language);
        Ok(Self {
            model,
            brief,
            language,
            evidence,
            answer_tokens,
            budget,
            usage,
            on_draft,
            turns: Turns::default(),
        })
    }

    /// Asks for minutes, of a part or of several.
    pub async fn draft(&self, question: &Question) -> Result<Draft, LlmError> {
        self.ask(question, |object| Draft::read(object, self.brief.template)).await
    }

    /// Asks until `read` can make something of the answer, a few times at most.
    pub async fn ask<T>(
        &self,
        question: &Question,
        read: impl Fn(&Map<String, Value>) -> Result<T, String> + Send + Sync,
    ) -> Result<T, LlmError> {
        let messages = |user: String| vec![Message::system(question.system.clone()), Message::user(user)];
        let mut request = ChatRequest {
            schema: Some(question.schema.clone()),
            ..ChatRequest::new(messages(question.user.clone()), self.answer_tokens)
        };
        let mut asked = 1;
        loop {
            let mut voice = Voice::new(&self.turns, self.on_draft, question.aloud);
            let answer = self.model.ask(&request, &self.usage, &mut |piece| voice.receive(piece)).await;
            drop(voice);
            let outcome = answer.and_then(|answer| {
                let read = answer::object(&answer.text).and_then(|object| read(&object));
                let cut = LlmError::CutOff { provider: self.model.chat.name(), tokens: self.answer_tokens };
                let bad = |problem| LlmError::BadAnswer { provider: self.model.chat.name(), problem };
                read.map_err(|problem| if answer.finished { bad(problem) } else { cut })
            });
            let problem = match outcome {
                Err(LlmError::BadAnswer { problem, .. }) if asked < MAX_ATTEMPTS => problem,
                outcome => return outcome,
            };
            tracing::warn!(problem, "the answer of the language model is no use and is asked for again");
            request.messages = messages(format!(
                "{}\nAn answer to this was no use: it {problem}. Answer with the JSON object alone.",
                question.user
            ));
            // The same question at temperature 0 would get the same answer.
            request.temperature = 0.3;
            asked += 1;
            self.usage.again(self.model.chat.name());
        }
    }
}
