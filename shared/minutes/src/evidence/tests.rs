use super::*;

fn segments(lines: &[(&str, &str)]) -> Vec<Segment> {
    let segment = |((speaker, text), number): (&(&str, &str), u64)| Segment {
        number,
        start: number as f64,
        end: number as f64 + 1.0,
        text: (*text).to_owned(),
        speaker: Some(*speaker).filter(|name| !name.is_empty()).map(str::to_owned),
        ..Segment::default()
    };
    lines.iter().zip(1..).map(segment).collect()
}

fn said() -> Evidence {
    let texts = [
        "Maria will review the budget by Friday.",
        "The roadmap will cost sixty thousand dollars.",
        "We decided to move the presentation.",
        "이 부장님은 화요일에 제안서를 제출합니다.",
        "예산은 삼십만 원입니다.",
        "Let us have lunch now.",
        "Nothing else matters here.",
    ];
    Evidence::new(&segments(&texts.map(|text| ("", text))), "en")
}

/// Three people, with everything that is asked about below.
fn meeting() -> Evidence {
    let lines = [
        ("Mara", "The printers fail on two of three floors, eighty percent of them on the second."),
        ("Ivo", "Could Dana order new ones? Dana, can you call the supplier?"),
        ("Dana", "Sure, I'll call them tomorrow."),
        ("Ivo", "We talked about the lunch menu for a while."),
        ("Mara", "The soup was cold again."),
        ("Dana", "I like the soup."),
        ("Mara", "I'll paint the kitchen on Thursday, then."),
        ("Ivo", "And the parking lot, does anybody know when it opens?"),
        ("Mara", "Nothing from the city."),
        ("Ivo", "The city did not extend the parking permit."),
        ("Dana", "The permit costs four and a half thousand euros."),
    ];
    Evidence::new(&segments(&lines), "en")
}

fn verdict(text: &str, cited: &[u64]) -> String {
    said()
        .claim(text, cited, |_| true)
        .map_or_else(|reason| reason, |support| format!("{:?}", support.segments))
}

#[test]
fn what_was_said_in_other_words_is_borne_out() {
    for (text, cited, found) in [
        ("Maria reviews the budget until Friday", &[1][..], "[1]"),
        ("The roadmap costs $60,000.", &[2, 99], "[2]"),
        ("The presentation is being moved.", &[3], "[3]"),
        ("부장님이 제안서 제출 예정", &[4], "[4]"),
        ("예산 30만원", &[5], "[5]"),
        ("예산: 300,000원", &[5], "[5]"),
    ] {
        assert_eq!(verdict(text, cited), found, "{text}");
    }
}

#[test]
fn inventions_are_found() {
    for (text, cited, reason) in [
        ("The roadmap costs $70,000", &[2][..], "the number 70000 was not said there"),
        ("The budget review by Friday is done by Peter", &[1], "the name Peter was not said there"),
        ("예산은 오십만 원입니다", &[5], "the number 500000 was not said there"),
        ("That is it.", &[1], "it says nothing that can be checked"),
        ("The roadmap was moved to Monday", &[2], "a weekday or month in it was not said there"),
        ("The kitchen gets another window", &[1], "most of its words were not said there"),
        ("Zeppelins for everybody in Oslo", &[], "the name Oslo was not said there"),
        (
            "Zeppelins fly over the harbour",
            &[40],
            "the segments it names do not exist, and no others bear it out",
        ),
        ("40 % of the roadmap", &[2], "the number 40 was not said there"),
    ] {
        assert_eq!(verdict(text, cited), reason, "{text}");
    }
}

#[test]
fn a_true_entry_with_wrong_lines_is_moved_to_the_right_ones() {
    for cited in [&[6][..], &[40], &[]] {
        assert_eq!(verdict("Maria reviews the budget", cited), "[1]", "{cited:?}");
    }
    let meeting = meeting();
    let moved = meeting.claim("Mara paints the kitchen on Thursday.", &[10, 11], |_| true).unwrap();
    assert_eq!(moved, Support { segments: vec![7], unclear: None });
    let unseen = meeting.claim("Mara paints the kitchen on Thursday.", &[10, 11], |number| number != 7);
    assert!(unseen.is_err(), "only among the lines that the model saw: {unseen:?}");
}

#[test]
fn what_nobody_meant_so_is_unclear() {
    let meeting = meeting();
    let doubt = |text, cited: &[u64]| meeting.claim(text, cited, |_| true).unwrap().unclear;
    for (text, cited, reason) in [
        ("Ivo paints the kitchen on Thursday.", &[7][..], "Mara says this, and not Ivo"),
        ("The city extended the parking permit.", &[10], "it is denied there"),
        ("Mara does not paint the kitchen on Thursday.", &[7], "nobody denies it there"),
        ("The parking lot opens.", &[8], "it is only asked there"),
        ("80 printers fail on the second floor.", &[1], "the number is a share there"),
        (
            "The printers, the supplier, the kitchen and the soup were repainted.",
            &[1, 2],
            "less than half of its words were said there",
        ),
    ] {
        assert_eq!(doubt(text, cited).as_deref(), Some(reason), "{text}");
    }
    for (text, cited) in [
        ("Mara paints the kitchen on Thursday.", &[7][..]),
        ("The city refused to extend the parking permit.", &[10]),
        ("Dana calls the supplier tomorrow.", &[2, 3]),
        ("80 % of the printers fail on the second floor.", &[1]),
        ("The permit costs 4,500 euros.", &[11]),
    ] {
        assert_eq!(doubt(text, cited), None, "{text}");
    }
}

#[test]
fn owners_are_told_by_the_lines() {
    let meeting = meeting();
    let owner = |task, claimed, lines: &[u64]| meeting.owner(task, claimed, lines);
    assert_eq!(owner("Paint the kitchen", Some("Ivo"), &[7]).as_deref(), Some("Mara"), "who takes it on");
    assert_eq!(owner("Call the supplier", None, &[2]).as_deref(), Some("Dana"), "who is asked");
    assert_eq!(owner("Find out when the lot opens", Some("Mara"), &[8]), None, "named by nobody");
    assert_eq!(owner("Find out about the permit", Some("the city"), &[10]).as_deref(), Some("the city"));
    assert_eq!(owner("Serve the soup", Some("Mara"), &[5]).as_deref(), Some("Mara"), "who says the line");
    let lines =
        [("김민지", "준호 씨가 마케팅팀에 전달해 주시겠어요?"), ("박준호", "네, 제가 메일 보낼게요.")];
    let korean = Evidence::new(&segments(&lines), "ko");
    for cited in [1, 2] {
        assert_eq!(korean.owner("마케팅팀에 메일 발송", Some("민지"), &[cited]).as_deref(), Some("박준호"));
    }
}

#[test]
fn details_headings_and_paragraphs() {
    let said = said();
    assert!(said.detail("Friday", &[1]) && said.detail("by Friday", &[3]) && said.detail("이 부장님", &[4]));
    assert!(!said.detail("Friday", &[6]) && !said.detail("Peter", &[1]) && !said.detail("May 5", &[1]));
    assert!(said.heading("Budget and more") && !said.heading("Weather"));
    let (kept, dropped) =
        said.paragraph("Maria reviews the budget. The weather was nice outside. It cost 5.5 dollars.");
    assert_eq!(kept, "Maria reviews the budget.");
    assert_eq!(dropped.len(), 2);
}
