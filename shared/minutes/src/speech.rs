//! What people do with words, by how they say it: speak for themselves, take something on, ask somebody, deny.

use std::sync::LazyLock;

use regex::Regex;
use text::{pattern::fixed, words::is_hangul};

/// Somebody takes something on, or has to do it.
static ENGLISH_COMMITMENT: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"\bI(?:['’]ll|['’]d|['’]m going to|['’]m gonna|['’]ve got to| am going to| will| can| could| shall| should| must| need to| have to| want to| take| do)\b",
    )
});

static ENGLISH_SELF: LazyLock<Regex> = LazyLock::new(|| fixed(r"\bI\b"));

static ENGLISH_REQUEST: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"(?i)\b(?:can|could|will|would) you\b|\bplease\b|\byou(?:['’]ll| will| should)\b")
});

static ENGLISH_DENIAL: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"(?i)\b(?:not|no|never|nobody|nothing|none|neither|nor|without|cannot)\b|n['’]t\b")
});

static KOREAN_SELF: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?:^|[\s,])(?:제가|저는|저도|전|내가|나는|저|저희가)(?:[\s,]|$)"));

static KOREAN_INTENT: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"(?:[^시]겠습니다|[^시]겠어요|려고요|려고 합니다|려고 해요|을래요)(?:[\s.,!?]|$)")
});

static KOREAN_REQUEST: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"주세요|주시겠어요|주실래요|주실 수|주시죠|주십시오|주시면|부탁|하세요|하시죠|해요|맡아|걸로")
});

static KOREAN_DENIAL: LazyLock<Regex> = LazyLock::new(|| fixed(r"않|못|없|모르|아니|아닙|말고|(?:^|\s)안 "));

/// Somebody says no to something.
static ENGLISH_REFUSAL: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"(?i)\b(?:refus|reject|declin|cancel|oppos|object)\w*|\b(?:den(?:y|ied|ies)|against)\b")
});

static KOREAN_REFUSAL: LazyLock<Regex> = LazyLock::new(|| fixed(r"거절|거부|반대|취소|부결|반려"));

/// Words that deny without a "not".
static ENGLISH_NEGATIVE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b(?:refus|reject|declin|cancel|exclud|unavail|unclear|uncert|unable|unlik|unknown|undecid|oppos|object|dislik|lack|fail)\w*|\b(?:den(?:y|ied|ies)|against|instead)\b",
    )
});

static KOREAN_NEGATIVE: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"거절|거부|반대|제외|취소|미정|불가|부결|반려|뿐|밖에"));

static ENGLISH_YES: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b(?:yes|yeah|yep|yup|sure|okay|ok|agreed|fine|absolutely|definitely|exactly|of course|sounds good|works for me|go ahead|let['’]s do|that would|(?:would|might) (?:\w+ )?help|makes sense|why not|good idea|i['’]d do|i['’]ll)\b",
    )
});

static KOREAN_YES: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?:^|[\s,])(?:(?:네|예|응)(?:[\s,.!]|$)|좋아요|좋습니다|좋네요|그래요|그러죠|그렇게|맞아요|맞습니다|괜찮|될 거예요|동의)|되겠네요|편하네요|할게요",
    )
});

/// How people speak a language, as far as it is known here. Of others nothing is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    English,
    Korean,
    Other,
}

impl Speech {
    pub fn of(language: &str) -> Self {
        match language {
            "en" => Self::English,
            "ko" => Self::Korean,
            _ => Self::Other,
        }
    }

    /// Whether the speaker takes something on: "I'll write to them", "제가 물어볼게요".
    pub fn takes_on(self, line: &str) -> bool {
        match self {
            Self::English => ENGLISH_COMMITMENT.is_match(line),
            Self::Korean => KOREAN_INTENT.is_match(line) || has_promise(line),
            Self::Other => false,
        }
    }

    /// Whether the speaker speaks of herself.
    pub fn speaks_of_self(self, line: &str) -> bool {
        match self {
            Self::English => ENGLISH_SELF.is_match(line),
            Self::Korean => KOREAN_SELF.is_match(line) || self.takes_on(line),
            Self::Other => false,
        }
    }

    /// Whether somebody is asked to do something.
    pub fn asks(self, line: &str) -> bool {
        match self {
            Self::English => ENGLISH_REQUEST.is_match(line),
            Self::Korean => KOREAN_REQUEST.is_match(line),
            Self::Other => false,
        }
    }

    /// Whether something is denied in so many words.
    pub fn denies(self, line: &str) -> bool {
        match self {
            Self::English => ENGLISH_DENIAL.is_match(line),
            Self::Korean => KOREAN_DENIAL.is_match(line),
            Self::Other => false,
        }
    }

    /// Whether somebody says no to something.
    pub fn refuses(self, line: &str) -> bool {
        match self {
            Self::English => ENGLISH_REFUSAL.is_match(line),
            Self::Korean => KOREAN_REFUSAL.is_match(line),
            Self::Other => false,
        }
    }

    /// Whether something is denied by a word such as "refuse".
    pub fn is_negative(self, line: &str) -> bool {
        match self {
            Self::English => ENGLISH_NEGATIVE.is_match(line),
            Self::Korean => KOREAN_NEGATIVE.is_match(line),
            Self::Other => false,
        }
    }

    /// Whether somebody says yes.
    pub fn agrees(self, line: &str) -> bool {
        match self {
            Self::English => ENGLISH_YES.is_match(line),
            Self::Korean => KOREAN_YES.is_match(line),
            // Who cannot tell does not doubt.
            Self::Other => true,
        }
    }
}

/// Whether a Korean promise is in it: -ㄹ게요, as in 할게요 and 보낼게요.
pub(crate) fn has_promise(line: &str) -> bool {
    line.match_indices("게요").any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        before.is_some_and(|character| is_hangul(character) && (character as u32 - '가' as u32) % 28 == 8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speakers_take_on_ask_and_deny() {
        let (english, korean) = (Speech::of("en"), Speech::of("ko"));
        for line in
            ["Okay, I'll book that.", "I can ask Aisha.", "Then I take Wednesdays.", "I’d do Mondays."]
        {
            assert!(english.takes_on(line) && english.speaks_of_self(line), "{line}");
        }
        assert!(!english.takes_on("It will rain.") && !english.takes_on("I like it."));
        for line in ["제가 물어볼게요.", "메일 보내겠습니다.", "내일 물어보려고요."] {
            assert!(korean.takes_on(line) && korean.speaks_of_self(line), "{line}");
        }
        assert!(!korean.takes_on("이게 좋아요.") && korean.speaks_of_self("저는 월요일이요."));
        assert!(english.asks("Tom, will you tell them?") && korean.asks("좀 전달해 주시겠어요?"));
        assert!(english.denies("We haven't.") && korean.denies("안 돼요") && !english.denies("Now we know."));
        assert!(!Speech::of("de").takes_on("I will"));
    }
}
