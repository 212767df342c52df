//! Korean: what a sentence does in a meeting, by its ending.

use std::sync::LazyLock;

use regex::Regex;

use super::acts::{Act, Owner, Task};
use crate::speech::has_promise;
use text::{pattern::fixed, words::Stemmer};

static DUE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?P<due>(?:(?:이번|다음) ?(?:주|달) ?)?[월화수목금토일]요일(?: (?:오전|오후))?|(?:이번|다음) ?(?:주말|주|달|분기|해|회의)|이번 ?주 내|오늘(?: (?:오전|오후))?|내일(?: (?:오전|오후))?|모레|오전|오후|연말|월말|주말|(?:\d+월 ?)?\d+일|\d+ ?시)(?:까지|에|중에|중으로|내로|안에|전까지|전에)?(?:는)? ",
    )
});

/// People by their titles or as 씨, and teams, as what the sentence is about.
static OWNER: LazyLock<Regex> = LazyLock::new(|| {
    let titles = "(?:과장|부장|대리|팀장|이사|사장|대표|차장|실장|본부장|사원|주임|선임|책임|매니저|교수|선생|원장|간호사|의사)";
    fixed(&format!(
        r"^(?:그럼 |그리고 |그러면 |자 |네 )*(?P<owner>(?:[가-힣]{{1,4}} )?{titles}님?|[가-힣]{{2,4}} ?(?:씨|님)|(?:[가-힣]+팀(?:과|와|이랑|하고) )?[가-힣]+팀)(?:께서는|께서|에서는|에서|은|는|이|가|,) "
    ))
});

static REQUEST: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?: ?(?:주세요|주십시오|주시기 바랍니다|주시길 바랍니다|주셔야 합니다|주시겠어요|주실래요|주시죠|주실 수 있(?:어요|나요|을까요))|(?:하세요|하십시오|하시기 바랍니다)|부탁(?:드립니다|드려요|합니다|해요))$",
    )
});

static PROMISE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"(?:겠습니다|겠어요|려고요|려고 합니다|예정입니다|예정이에요|할 것입니다|할 겁니다|할 거예요)$")
});

static DUTY: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?:해야|어야|아야|여야|려야|내야) (?:합니다|됩니다|해요|돼요|하겠습니다)$"));

/// Somebody has to speak to somebody, or somebody has to do something.
static ERRAND: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?:(?:한테|에게|께)\s.*|^누가 .*|^누군가 .*)(?:어야|아야|여야|해야|봐야) ?(?:될|할) 것 같(?:아요|습니다|은데요)$|(?:한테|에게|께)\s.*봐야겠(?:어요|네요|습니다)$",
    )
});

/// The speaker does it.
static MYSELF: LazyLock<Regex> = LazyLock::new(|| fixed(r"(?:^|[\s,])(?:제가|저는|저도|저희가|내가) "));

/// Somebody is to do it, as all agree: "이서연 씨가 보내는 걸로 해요", "제가 맡기로 했어요".
static TAKEN: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"(?P<task>.+?)(?:는 걸로 (?:해요|하죠|할게요|하겠습니다)|기로 (?:했어요|했습니다|해요|하죠))$")
});

/// What leads to a sentence, and fillers.
static LEAD_IN: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"^(?:(?:네|예|아니요|아|음|어|그|자|그럼|그러면|그래서|그리고|근데|그런데|일단|솔직히|혹시)[,.]? +)+",
    )
});

static FILLER: LazyLock<Regex> = LazyLock::new(|| fixed(r"(?:^|\s)(?:음|어|그|뭐|저기), "));

/// Something that a task is done to, or somebody whom it concerns.
static OBJECT: LazyLock<Regex> = LazyLock::new(|| fixed(r"(?:을|를|한테|에게|께|에|랑|은) "));

static PROPOSAL: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"^(?P<rest>.+?)(?:는 건|는 게|면) (?:어때요|어떨까요|어떻습니까|좋을까요)\?*$"));

static UNKNOWN: LazyLock<Regex> = LazyLock::new(|| fixed(r"모르겠|몰라요|모릅니다|알 수 없|글쎄|확인이 안 "));

/// Of the past.
static PAST: LazyLock<Regex> = LazyLock::new(|| fixed(r"작년|지난|예전|했었|잖아요|않았어요"));

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
        r"기로 (?:결정|확정|합의|정|하였|했|하죠|하시죠|해요|합시다|하겠)|(?:결정|확정|합의|채택|의결|부결)(?:했|하였|됐|되었|을 했|이 났|할게|하겠)|걸로 (?:하죠|하시죠|해요|할게요|하겠습니다|합시다|확정|정하|가죠)|승인했|승인하기로|결론은|결정 ?사항",
    )
});

/// -죠 behind a verb says what all are to do: 막고 가죠, 금요일에 하죠.
static LETS: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"(?:[고로에서] ?|으로 |\S+[을를] )(?:하|가|두|보내|넘기|미루|쓰|막|빼|넣|진행하)죠$")
});

static QUESTION: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?:\?|？|니까|을까요|ㄹ까요|[할될볼갈]까요|나요|는지요|은가요|는가요|인가요)$"));

static TALK: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"감사합니다|안녕하|수고하|반갑|시작하겠습니다|시작합니다|마치겠습니다|여기까지|넘어가|안건은|말씀드리겠|말씀드릴게|말씀드리려고|얘기하려고|이야기하려고|설명드릴|다녀올게|화면 (?:좀 )?공유할게|들어가 봐야|가 봐야 |들리|알겠습니다|동의합니다|동의하지|질문이? ?있|죄송|^(?:네|예|아니요|맞습니다|그렇습니다)$",
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
        r"(?:하겠습니다|합니다|해 ?주세요|해 ?주십시오|해 ?주시기 바랍니다|하세요|하십시오|하시기 바랍니다|할 예정입니다|할 것입니다|할 겁니다|할게요|해야 합니다|해야 됩니다|(?:이|가) 필요합니다| 부탁드립니다| 부탁합니다|해 봐야 (?:될|할) 것 같아요| ?봐야 (?:될|할) 것 같(?:아요|은데요)| ?주시겠어요| ?주실래요| ?주시죠| ?주세요| ?드릴게요| 놓을게요|겠습니다|려고요)$",
    )
});

/// The sentence without what leads to it and without fillers.
pub(super) fn clean(sentence: &str) -> String {
    let fluent = FILLER.replace_all(sentence, " ");
    LEAD_IN.replace(fluent.trim(), "").into_owned()
}

/// What `sentence` does.
pub(super) fn act(sentence: &str) -> Act {
    let bare = clean(sentence);
    let bare = bare.trim_end_matches(['.', '!', '。', ' ']);
    if TALK.is_match(bare) || bare.is_empty() {
        return Act::Talk;
    }
    if let Some(found) = PROPOSAL.captures(bare) {
        return Act::Proposal(format!("{}기", &found["rest"]));
    }
    if UNKNOWN.is_match(bare) {
        return Act::Unknown;
    }
    let request = REQUEST.is_match(bare.trim_end_matches(['?', '？']));
    if QUESTION.is_match(bare) && !request {
        return Act::Question;
    }
    let denied = bare.contains("않") || bare.contains("못") || PAST.is_match(bare);
    if !denied && let Some(task) = taken(bare) {
        return Act::Task(task);
    }
    if (DECISION.is_match(bare) || LETS.is_match(bare)) && !denied {
        return Act::Decision(bare.to_owned());
    }
    task(bare.trim_end_matches(['?', '？'])).map_or(Act::Statement, Act::Task)
}

/// What somebody has taken on, as all agree.
fn taken(sentence: &str) -> Option<Task> {
    let found = TAKEN.captures(sentence)?;
    let named =
        OWNER.captures(sentence).and_then(|found| Some(found.name("owner")?.as_str().trim().to_owned()));
    let person = named.filter(|owner| owner.ends_with('씨') || owner.ends_with('님'));
    let inside =
        || PERSON.captures(sentence).and_then(|found| Some(found.name("owner")?.as_str().to_owned()));
    let owner =
        if MYSELF.is_match(sentence) { Owner::Speaker } else { Owner::Named(person.or_else(inside)?) };
    Some(build(&found["task"], owner))
}

/// Somebody in the midst of a sentence: 계약서는 이서연 씨가 …
static PERSON: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?:^|\s)(?P<owner>[가-힣]{2,4} ?(?:씨|님))(?:께서|이|가|은|는) "));

fn task(sentence: &str) -> Option<Task> {
    if let Some(found) = DEADLINE.captures(sentence) {
        let due = Some(found["due"].to_owned());
        return Some(Task { task: found["task"].to_owned(), owner: Owner::Nobody, due, vague: false });
    }
    let owner = OWNER.captures(sentence);
    let formal = FORMAL.is_match(sentence) && !NO_DEED.iter().any(|end| sentence.ends_with(end));
    let (asked, errand) = (REQUEST.is_match(sentence), ERRAND.is_match(sentence));
    let promised = (PROMISE.is_match(sentence) || has_promise(sentence)) && !asked;
    let dated = owner.is_some() || DUE.is_match(sentence);
    let needed = DUTY.is_match(sentence) || NEEDED.is_match(sentence);
    if !(promised || asked || errand || needed || formal && dated) {
        return None;
    }
    let named = owner.and_then(|found| Some(found.name("owner")?.as_str().trim().to_owned()));
    let by = match named {
        Some(name) => Owner::Named(name),
        None if asked => Owner::Addressee,
        None if promised || errand && !sentence.starts_with('누') => Owner::Speaker,
        None => Owner::Nobody,
    };
    Some(build(sentence, by))
}

/// Takes owner, date and ending out of the words.
fn build(sentence: &str, owner: Owner) -> Task {
    let due = DUE.captures(sentence);
    let mut task = sentence.to_owned();
    for said in
        [OWNER.captures(sentence), DUE.captures(sentence)].iter().flatten().filter_map(|found| found.get(0))
    {
        task = task.replacen(said.as_str(), "", 1);
    }
    let task = MYSELF.replace_all(&task, " ");
    let task = task.trim().trim_start_matches("하고, ");
    let task = ENDING.replace(task.trim(), "").trim().to_owned();
    let due = due.and_then(|found| Some(found.name("due")?.as_str().trim().to_owned()));
    // Without anything that it is done to, it needs the sentence before it.
    let stems = Stemmer::of("ko").stems(&task).len();
    let vague = stems < 2 || !OBJECT.is_match(&task);
    Task { task, owner, due, vague }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sentence: &str) -> String {
        match act(sentence) {
            Act::Task(Task { task, owner, due, .. }) => {
                let owner = match owner {
                    Owner::Named(name) => name,
                    Owner::Speaker => "저".to_owned(),
                    Owner::Addressee => "you".to_owned(),
                    Owner::Nobody => String::new(),
                };
                format!("{owner} | {} | {task}", due.unwrap_or_default())
            }
            Act::Decision(_) => "Decision".to_owned(),
            Act::Proposal(_) => "Proposal".to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn tasks_have_owner_and_date_where_they_were_said() {
        for (sentence, expected) in [
            ("금요일까지 보고서를 검토해 주세요.", "you | 금요일 | 보고서를 검토"),
            ("이 부장님은 화요일에 제안서를 제출합니다.", "이 부장님 | 화요일 | 제안서를 제출"),
            ("박 대리님이 시제품을 확인합니다.", "박 대리님 |  | 시제품을 확인"),
            ("개발팀과 재무팀이 함께 계획을 수정합니다.", "개발팀과 재무팀 |  | 함께 계획을 수정"),
            ("다음 달에 홈페이지를 준비하겠습니다.", "저 | 다음 달 | 홈페이지를 준비"),
            ("서버는 오후에 수정합니다.", " | 오후 | 서버는 수정"),
            ("자료 제출이 필요합니다.", " |  | 자료 제출"),
            ("그럼 제가 목요일까지 서버를 고칠게요.", "저 | 목요일 | 서버를 고칠게요"),
            ("지수 씨가 자료 좀 보내 주시겠어요?", "지수 씨 |  | 자료 좀 보내"),
            ("계약서는 민수 씨가 월요일까지 보내는 걸로 해요.", "민수 씨 | 월요일 | 계약서는 민수 씨가 보내"),
            ("내일 은행에 물어보려고요.", "저 | 내일 | 은행에 물어보"),
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
            ("그럼 이번에는 우선 막고 가죠.", "Decision"),
            ("가격은 그대로 두기로 하죠.", "Decision"),
            ("교체는 다음 분기로 넘기는 걸로 하죠.", "Decision"),
            ("회의 없는 걸로 확정하겠습니다.", "Decision"),
            ("우리가 돌아가면서 전화를 받는 건 어때요?", "Proposal"),
            ("누가 낼지는 아직 아무도 몰라요.", "Unknown"),
            ("두고 봐야죠.", "Statement"),
            ("어제 승인 났어요.", "Statement"),
            ("작년에는 안 하기로 했었잖아요.", "Statement"),
            ("제가 먼저 말씀드릴게요.", "Talk"),
            ("화장실 좀 다녀올게요.", "Talk"),
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
