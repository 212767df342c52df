//! What the parts of minutes are called in the language that they are written in.

/// Headings and sentences of one language.
pub(super) struct Words {
    pub decisions: &'static str,
    pub actions: &'static str,
    pub key_points: &'static str,
    pub questions: &'static str,
    pub chapters: &'static str,
    pub due: &'static str,
    pub extractive: &'static str,
    /// Who wrote the minutes (model, provider), and of how many per cent of what was said.
    pub author: fn(&str, &str, f64) -> String,
    /// Stands behind an entry that may not be what was meant.
    pub unclear: &'static str,
    /// What that means.
    pub doubtful: &'static str,
    /// How many statements are not there.
    pub left_out: fn(usize) -> String,
    pub no_language: &'static str,
    pub no_template: &'static str,
    /// Fields of the built-in templates.
    own: &'static [(&'static str, &'static str)],
}

static ENGLISH: Words = Words {
    decisions: "Decisions",
    actions: "Action items",
    key_points: "Key points",
    questions: "Open questions",
    chapters: "Chapters",
    due: "due",
    extractive: "These are sentences picked from the transcript by the built-in extractive method; no language model wrote \
                 them (LLM_PROVIDER sets one).",
    author: |model, provider, share| {
        format!("Written by {model} ({provider}) from {share} % of what was said.")
    },
    unclear: "unclear",
    doubtful: "What is marked as unclear may have been meant otherwise: listen to it.",
    left_out: |count| match count {
        1 => "1 statement was left out, since nobody said it.".to_owned(),
        count => format!("{count} statements were left out, since nobody said them."),
    },
    no_language: "Not everything could be written in the language that was asked for.",
    no_template: "The template that was asked for takes a language model.",
    own: &[("wellbeing", "How they are doing")],
};

static KOREAN: Words = Words {
    decisions: "결정 사항",
    actions: "할 일",
    key_points: "주요 내용",
    questions: "남은 질문",
    chapters: "차례",
    due: "기한",
    extractive: "내장된 추출 방식이 녹취록에서 고른 문장입니다. 언어 모델은 쓰이지 않았습니다(LLM_PROVIDER로 설정).",
    author: |model, provider, share| {
        format!("{model}({provider})이(가) 발화의 {share} %를 바탕으로 작성했습니다.")
    },
    unclear: "불확실",
    doubtful: "불확실로 표시된 내용은 다른 뜻으로 말했을 수 있으니 직접 들어 보세요.",
    left_out: |count| format!("녹취록에 근거가 없는 내용 {count}건은 뺐습니다."),
    no_language: "요청한 언어로 모두 쓰지는 못했습니다.",
    no_template: "요청한 서식에는 언어 모델이 필요합니다.",
    own: &[
        ("done", "완료"),
        ("next", "다음 할 일"),
        ("blockers", "장애물"),
        ("answers", "질문과 답"),
        ("quotes", "인용"),
        ("terms", "용어"),
        ("examples", "예시"),
        ("assignments", "과제"),
        ("wellbeing", "근황"),
        ("feedback", "피드백"),
        ("goals", "목표"),
        ("complaint", "주호소"),
        ("assessment", "평가"),
        ("plan", "계획"),
    ],
};

impl Words {
    /// Those of minutes in this language; the English ones where there are none.
    pub fn of(language: &str) -> &'static Self {
        match language {
            "ko" => &KOREAN,
            _ => &ENGLISH,
        }
    }

    /// The heading of a field that only a template has; of one that is not known here, its name as words.
    pub fn heading(&self, field: &str) -> String {
        if let Some((_, known)) = self.own.iter().find(|(name, _)| *name == field) {
            return (*known).to_owned();
        }
        let words = field.replace(['_', '-'], " ");
        let mut chars = words.chars();
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
    }
}
