//! What was decoded, token by token.

use whisper::{TextToken, Token};
use whisper_rs::{WhisperContext, WhisperState, WhisperToken};

use crate::transcriber::attempts::Pass;

/// Reads what was decoded, token by token.
pub(super) fn read(context: &WhisperContext, state: &WhisperState, max_tokens: i32) -> Pass {
    let (end_of_text, first_time) = (context.token_eot(), context.token_beg());
    let mut pass = Pass::default();
    let (mut logprobs, mut count) = (0.0, 0);
    for segment in state.as_iter() {
        for token in (0..segment.n_tokens()).filter_map(|index| segment.get_token(index)) {
            let logprob = token.token_data().plog;
            logprobs += logprob;
            count += 1;
            pass.tokens.extend(read_token(&token, logprob, end_of_text, first_time));
        }
    }
    pass.logprob = logprobs / count.max(1) as f32;
    pass.endless = count > max_tokens;
    pass
}

fn read_token(
    token: &WhisperToken<'_, '_>,
    logprob: f32,
    end_of_text: i32,
    first_time: i32,
) -> Option<Token> {
    let id = token.token_id();
    if id < end_of_text {
        return token
            .to_bytes()
            .ok()
            .map(|bytes| Token::Text(TextToken { bytes: bytes.to_vec(), logprob, time: None }));
    }
    u32::try_from(id - first_time).ok().map(Token::Time)
}
