//! Words that say the same in a meeting: people say one, and minutes write the other. Korean minutes above all put
//! Sino-Korean nouns for spoken verbs.

use super::is_hangul;

/// English words by their stems, a line for each meaning.
const ENGLISH: &[&[&str]] = &[
    &["tell", "told", "inform", "notifi", "messag", "write", "email", "mail", "ping", "contact", "reach"],
    &["ask", "check", "clarifi", "verifi", "inquir", "confirm"],
    &["postpon", "delay", "defer", "move", "push", "later", "resched"],
    &["hire", "recruit", "employ", "replac"],
    &["leav", "left", "lost", "quit", "depart"],
    &["fix", "repair", "resolv", "solut", "solv", "correct"],
    &["quick", "temporari", "interim", "short-term", "workaround"],
    &["proper", "perman", "final"],
    &["kid", "child", "children", "son", "daughter"],
    &["sick", "ill"],
    &["show", "fair", "exhibit"],
    &["pictur", "imag", "photo"],
    &["phone", "devic", "mobil"],
    &["buy", "bought", "purchas", "order"],
    &["start", "begin", "began", "launch", "kick"],
    &["finish", "complet", "end"],
    &["book", "reserv", "schedul", "arrang"],
    &["prepar", "set", "draft", "creat"],
    &["ticket", "request", "issu"],
    &["document", "instruct", "guid", "manual", "write"],
    &["try", "tri", "trial", "pilot", "test"],
    &["hate", "dislik"],
    &["help", "assist"],
    &["money", "cost", "price", "budget", "fund"],
    &["grow", "grew", "grown", "rise", "rose", "increas"],
    &["fall", "fell", "drop", "decreas", "reduc"],
    &["throw", "discard", "remov", "delet"],
    &["open", "unresolv", "pend", "outstand"],
    &["approv", "accept", "green"],
    &["boss", "manag", "lead"],
    &["client", "custom"],
    &["bug", "error", "crash", "defect"],
    &["roll", "deploy", "ship", "releas"],
    &["meet", "call", "appoint"],
    &["old", "older", "previous", "former"],
];

/// Korean words by what they begin with, a line for each meaning.
const KOREAN: &[&[&str]] = &[
    &["미루", "미룰", "미뤄", "미뤘", "연기", "넘기", "넘길", "넘겨", "늦추", "늦춰"],
    &["보내", "보낼", "보냈", "발송", "전송", "나가", "나갈"],
    &["전달", "알리", "알릴", "알려", "공지", "통보", "말씀", "전하", "공유"],
    &["물어", "물을", "묻", "확인", "문의", "여쭤", "연락", "알아"],
    &["고치", "고칠", "고쳐", "수정", "막", "조치", "해결"],
    &["바꾸", "바꿔", "바꿀", "바뀌", "변경", "교체", "전환"],
    &["맡", "담당", "책임"],
    &["뽑", "채용", "충원", "구인"],
    &["나가", "나간", "퇴사", "그만"],
    &["밀린", "밀려", "미처리", "쌓인", "쌓여"],
    &["늘었", "늘어", "늘고", "증가", "많아"],
    &["줄었", "줄어", "줄고", "감소", "적어"],
    &["걸려", "걸리", "걸릴", "소요", "봐야"],
    &["오래된", "구형", "예전"],
    &["처음", "새로", "신규", "새"],
    &["개편", "만들", "제작", "개발", "리뉴얼"],
    &["올라", "올릴", "접수", "등록", "올려"],
    &["예약", "잡아", "잡았", "잡을"],
    &["승인", "승낙", "허가", "허용", "통과"],
    &["불안", "걱정", "우려"],
    &["동의", "찬성", "좋아"],
    &["돌아가", "교대", "분담", "순번", "번갈"],
    &["답해", "답변", "응답", "대답", "답할"],
    &["시작", "개시", "착수"],
    &["끝나", "끝내", "끝낼", "완료", "종료", "마무리", "마치"],
    &["사기", "살게", "구매", "구입"],
    &["팔기", "팔았", "판매"],
    &["쓰기", "쓸게", "작성", "적어", "기록"],
    &["없애", "삭제", "제거", "지우", "지울"],
    &["넣", "추가", "포함"],
    &["빼", "제외"],
    &["돕", "도와", "도움", "지원"],
    &["쉬", "휴가", "휴무"],
    &["옮기", "옮길", "옮겨", "이전", "이동"],
    &["고르", "골라", "선택", "선정"],
    &["가르치", "가르쳐", "교육"],
    &["준비", "챙기", "챙길"],
    &["정리", "요약"],
    &["그대로", "원본", "유지"],
    &["죽", "멈추", "오류", "중단", "장애"],
    &["얘기", "안건", "논의", "의논", "상의"],
    &["먼저", "우선"],
];

/// The meaning of a word by its number, if it has one that other words have as well. `stem` is the word's stem; a Korean
/// word is known by its beginning.
pub fn synonym(stem: &str) -> Option<usize> {
    if stem.chars().any(is_hangul) {
        let meaning = |words: &&[&str]| words.iter().any(|word| stem.starts_with(word));
        return KOREAN.iter().position(meaning).map(|place| place + ENGLISH.len());
    }
    ENGLISH.iter().position(|words| words.contains(&stem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Stemmer;

    #[test]
    fn what_is_said_and_what_is_written_mean_the_same() {
        for (language, said, written) in [
            ("en", "told", "informed"),
            ("en", "pictures", "images"),
            ("en", "delayed", "postponed"),
            ("ko", "미뤄", "연기했다"),
            ("ko", "보내겠습니다", "발송한다"),
            ("ko", "고치는", "수정했다"),
        ] {
            let meaning = |word| synonym(&Stemmer::of(language).stem(word).unwrap());
            assert!(meaning(said).is_some() && meaning(said) == meaning(written), "{said}, {written}");
        }
        assert_eq!(synonym("giraff"), None);
    }
}
