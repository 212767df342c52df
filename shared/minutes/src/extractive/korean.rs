//! Korean: what a sentence does in a meeting, by its ending.

use std::sync::LazyLock;

use regex::Regex;

use super::{Kind, Task};
use text::pattern::fixed;

static DUE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?P<due>(?:(?:이번|다음) ?(?:주|달) ?)?[월화수목금토일]요일(?: (?:오전|오후))?|(?:이번|다음) ?(?:주말|주|달|분기|해|회의)|이번 ?주 내|오늘(?: (?:오전|오후))?|내일(?: (?:오전|오후))?|모레|오전|오후|연말|월말|주말|(?:\d+월 ?)?\d+일|\d+ ?시)(?:까지|에|중에|중으로|내로|안에|전까지|전에)?(?:는)? ",
    )
});

/// People by their titles or as 씨, and teams, as what the sentence is about.
static OWNER: LazyLock<Regex> = LazyLock::new(|| {
    let titles = "(?:과장|부장|대리|팀장|이사|사장|대표|차장|실장|본부장|사원|주임|선임|책임|매니저|교수|선생|원장|간호사|의사)";
    fixed(&format!(
        r"^(?:그럼 |그리고 |그러면 |자 |네 )*(?P<owner>(?:[가-힣]{{1,4}} )?{titles}님?|[가-힣]{{2,4}} ?씨|(?:[가-힣]+팀(?:과|와|이랑|하고) )?[가-힣]+팀)(?:께서는|께서|에서는|에서|은|는|이|가|,) "
    ))
});

static REQUEST: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?: ?(?:주세요|주십시오|주시기 바랍니다|주시길 바랍니다|주셔야 합니다)|(?:하세요|하십시오|하시기 바랍니다)|부탁(?:드립니다|드려요|합니다|해요))$",
    )
});

static PROMISE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?:겠습니다|겠어요|을게요|[할줄볼릴낼갈]게요|예정입니다|예정이에요|할 것입니다|할 겁니다|할 거예요)$",
    )
});

static DUTY: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?:해야|어야|아야|여야|려야|내야) (?:합니다|됩니다|해요|돼요|하겠습니다)$"));

static FORMAL: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"[가-힣]+(?:합니다|냅니다|듭니다|엽니다|봅니다|립니다|깁니다)$"));

static NEEDED: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?:검토|준비|수정|확인|제출|공유|승인|논의|발표|완료|작성|보고|전달|점검|개선|조사|협의|정리|교육|테스트|배포)(?:이|가) 필요합니다$",
    )
});

static DEADLINE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"^(?P<task>.+ (?:마감|기한|제출일))(?:은|는|이|가) (?P<due>.+?)(?:까지)?(?:입니다|이에요|예요)$")
});

static DECISION: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"기로 (?:결정|확정|합의|정|하였|했)|(?:결정|확정|합의|승인|채택|의결|부결)(?:했|하였|됐|되었|을 했|이 났)|(?:하|으)기로 (?:해요|합시다)|결론은|결정 ?사항",
    )
});

static QUESTION: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?:\?|？|니까|을까요|ㄹ까요|[할될볼갈]까요|나요|는지요|은가요|는가요|인가요)$"));

static TALK: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"감사합니다|안녕하|수고하|반갑|시작하겠습니다|시작합니다|마치겠습니다|여기까지|넘어가|안건은|말씀드리겠|알겠습니다|동의합니다|동의하지|질문이? ?있|죄송|^(?:네|예|아니요|맞습니다|그렇습니다)$",
    )
});

/// Endings of formal sentences that say how things are and not what somebody does.
const NO_DEED: &[&str] = &[
    "필요합니다",
    "생각합니다",
    "중요합니다",
    "가능합니다",
    "불가능합니다",
    "원합니다",
    "충분합니다",
    "부족합니다",
    "시급합니다",
    "적절합니다",
    "희망합니다",
    "비슷합니다",
    "동일합니다",
];

/// Endings that are left off a task, so that it reads as one.
static ENDING: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?:하겠습니다|합니다|해 ?주세요|해 ?주십시오|해 ?주시기 바랍니다|하세요|하십시오|하시기 바랍니다|할 예정입니다|할 것입니다|할 겁니다|할게요|해야 합니다|해야 됩니다|(?:이|가) 필요합니다| 부탁드립니다| 부탁합니다)$",
    )
});

/// What `sentence` does.
pub(super) fn kind(sentence: &str) -> Kind {
    let bare = sentence.trim_end_matches(['.', '!', '。', ' ']);
    if TALK.is_match(bare) {
        return Kind::Talk;
    }
    if QUESTION.is_match(bare) {
        return Kind::Question;
    }
    if DECISION.is_match(bare) && !bare.contains("않") && !bare.contains("못") {
        return Kind::Decision;
    }
    task(bare).map_or(Kind::Statement, Kind::Task)
}

fn task(sentence: &str) -> Option<Task> {
    if let Some(found) = DEADLINE.captures(sentence) {
        return Some(Task {
            task: found["task"].to_owned(),
            owner: None,
            due: Some(found["due"].to_owned()),
        });
    }
    let owner = OWNER.captures(sentence);
    let due = DUE.captures(sentence);
    let formal = FORMAL.is_match(sentence) && !NO_DEED.iter().any(|end| sentence.ends_with(end));
    let taken_on = REQUEST.is_match(sentence) || PROMISE.is_match(sentence) || DUTY.is_match(sentence);
    if !taken_on && !NEEDED.is_match(sentence) && !(formal && (owner.is_some() || due.is_some())) {
        return None;
    }
    let mut task = sentence.to_owned();
    for said in [&owner, &due].into_iter().flatten().filter_map(|found| found.get(0)) {
        task = task.replacen(said.as_str(), "", 1);
    }
    let task = ENDING.replace(task.trim(), "").trim().to_owned();
    let group =
        |found: Option<regex::Captures<'_>>, name: &str| Some(found?.name(name)?.as_str().trim().to_owned());
    Some(Task { task, owner: group(owner, "owner"), due: group(due, "due") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sentence: &str) -> String {
        match kind(sentence) {
            Kind::Task(Task { task, owner, due }) => {
                format!("{} | {} | {task}", owner.unwrap_or_default(), due.unwrap_or_default())
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn tasks_have_owner_and_date_where_they_were_said() {
        for (sentence, expected) in [
            ("금요일까지 보고서를 검토해 주세요.", " | 금요일 | 보고서를 검토"),
            ("이 부장님은 화요일에 제안서를 제출합니다.", "이 부장님 | 화요일 | 제안서를 제출"),
            ("박 대리님이 시제품을 확인합니다.", "박 대리님 |  | 시제품을 확인"),
            ("개발팀과 재무팀이 함께 계획을 수정합니다.", "개발팀과 재무팀 |  | 함께 계획을 수정"),
            ("다음 달에 홈페이지를 준비하겠습니다.", " | 다음 달 | 홈페이지를 준비"),
            ("서버는 오후에 수정합니다.", " | 오후 | 서버는 수정"),
            ("자료 제출이 필요합니다.", " |  | 자료 제출"),
            ("김 과장님, 회의록을 공유해 주세요.", "김 과장님 |  | 회의록을 공유"),
            ("예산 마감은 수요일입니다.", " | 수요일 | 예산 마감"),
            ("민수 씨가 내일 고객에게 연락해야 합니다.", "민수 씨 | 내일 | 고객에게 연락"),
        ] {
            assert_eq!(found(sentence), expected, "{sentence}");
        }
    }

    #[test]
    fn the_rest_is_told_apart() {
        for (sentence, expected) in [
            ("계약서를 승인하기로 결정했습니다.", "Decision"),
            ("다음 주부터 재택근무를 하기로 했습니다.", "Decision"),
            ("자료 발표는 언제 합니까?", "Question"),
            ("보고서는 누가 검토합니까.", "Question"),
            ("질문이 있습니까?", "Talk"),
            ("오늘 회의를 시작하겠습니다.", "Talk"),
            ("모두 참석해 주셔서 감사합니다.", "Talk"),
            ("정 이사님 의견에 동의합니다.", "Talk"),
            ("다음 안건은 시제품입니다.", "Talk"),
            ("홍보팀이 오후에 설문을 논의했습니다.", "Statement"),
            ("다음 회의는 월요일 세 시입니다.", "Statement"),
            ("예산이 아직 승인되지 않았습니다.", "Statement"),
            ("개발팀은 여섯 명이 더 필요합니다.", "Statement"),
            ("매출이 이십 퍼센트 늘었습니다.", "Statement"),
            ("고객이 계획을 요청했습니다.", "Statement"),
        ] {
            assert_eq!(found(sentence), expected, "{sentence}");
        }
    }
}
