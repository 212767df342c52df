use super::*;

/// Speaker, begin, end and words of each segment.
fn said(file: &[u8]) -> Vec<(String, f64, f64, String)> {
    let imported = read(file).unwrap();
    assert!(imported.segments.iter().zip(1..).all(|(segment, number)| segment.number == number));
    let one =
        |segment: Segment| (segment.speaker.unwrap_or_default(), segment.start, segment.end, segment.text);
    imported.segments.into_iter().map(one).collect()
}

fn turns(file: &str) -> Vec<String> {
    said(file.as_bytes())
        .into_iter()
        .map(|(speaker, start, _, text)| format!("{speaker}@{}: {text}", (start * 1000.0).round() / 1000.0))
        .collect()
}

#[test]
fn subtitles_are_read_with_their_voices() {
    let vtt = "WEBVTT - Weekly\nKind: captions\n\nNOTE made by hand\nmore\n\nSTYLE\n::cue { color: red }\n\n\
               id-1\n00:00:01.000 --> 00:00:03.500 align:start\n<v Lena Meyer>We <i>ship</i> &amp; test</v>\non Friday.\n\n\
               00:00:04.000 --> 00:00:06.000\n<v.loud Tom>Fine. <v Lena Meyer>Good.\n\n\
               01:00:06.000 --> 01:00:07.000\nNobody is named.\n";
    let expected = [
        ("Lena Meyer".to_owned(), 1.0, 3.5, "We ship & test on Friday.".to_owned()),
        ("Tom".to_owned(), 4.0, 6.0, "Fine.".to_owned()),
        ("Lena Meyer".to_owned(), 4.0, 6.0, "Good.".to_owned()),
        (String::new(), 3606.0, 3607.0, "Nobody is named.".to_owned()),
    ];
    assert_eq!(said(vtt.as_bytes()), expected);
    let srt = "\u{feff}1\r\n00:00:01,000 --> 00:00:02,000\r\nLena: We ship.\r\n\r\n2\r\n00:00:02,000 --> 00:00:04,000\r\nTom: {\\an8}Fine: good.\r\n\r\n";
    assert_eq!(turns(srt), ["Lena@1: We ship.", "Tom@2: Fine: good."]);
    let plain = "1\n0:01,0 --> 0:02,0\nThe plan is this: go.\n\n2\n0:02,0 --> 0:03,0\nWe go now.\n\n3\n0:03,0 --> 0:04,0\nYes.\n";
    assert_eq!(
        turns(plain),
        ["@1: The plan is this: go.", "@2: We go now.", "@3: Yes."],
        "no colon is a name by itself"
    );
}

#[test]
fn json_of_several_programs_is_read() {
    for (json, expected, language) in [
        (
            r#"{"job_id":"x","language":"ko","segments":[{"segment_number":7,"start":1.5,"end":2,"text":"안녕","speaker":"지수"}]}"#,
            "지수@1.5: 안녕",
            Some("ko"),
        ),
        (
            r#"{"text":" Hi there","segments":[{"id":0,"seek":0,"start":0.0,"end":2.5,"text":" Hi there","tokens":[1,2]}],"language":"en"}"#,
            "@0: Hi there",
            Some("en"),
        ),
        (
            r#"{"segments":[{"start":3,"end":4,"text":"Hi","words":[{"word":"Hi","start":3,"end":3.4,"score":0.9,"speaker":"SPEAKER_01"}]}],"word_segments":[]}"#,
            "SPEAKER_01@3: Hi",
            None,
        ),
        (
            r#"{"result":{"language":"en"},"transcription":[{"timestamps":{"from":"00:00:01,500","to":"00:00:02,000"},"offsets":{"from":1500,"to":2000},"text":" Hi"}]}"#,
            "@1.5: Hi",
            Some("en"),
        ),
        (r#" [ {"start":"0:02","end":"0:03","text":"Hi","speaker":"Ann"} ] "#, "Ann@2: Hi", None),
    ] {
        assert_eq!(detect(json.as_bytes()), Some(Format::Json), "{json}");
        assert_eq!(turns(json), [expected], "{json}");
        assert_eq!(read(json.as_bytes()).unwrap().language.as_deref(), language, "{json}");
    }
    let words = read(br#"[{"start":0,"end":1,"text":"a b","words":[{"word":" a","start":0,"end":0.5,"score":2},{"word":"b"}]}]"#);
    assert_eq!(words.unwrap().segments[0].recognition.words, [], "some words have no time");
}

#[test]
fn text_with_names_is_read_in_every_form() {
    for (text, expected) in [
        (
            "Lena: We ship on Friday.\nTom: Fine.\nLena: Good.",
            &["Lena@0: We ship on Friday.", "Tom@1.6: Fine.", "Lena@2.1: Good."][..],
        ),
        (
            "[00:00:05] Lena Meyer: We ship.\n[00:01:02] Tom: Fine.\n",
            &["Lena Meyer@5: We ship.", "Tom@62: Fine."],
        ),
        (
            "[Lena Meyer] 10:00:05\nWe ship.\nOn Friday.\n\n[Tom] 10:00:15\nFine.\n",
            &["Lena Meyer@0: We ship.", "Lena Meyer@0.8: On Friday.", "Tom@10: Fine."],
        ),
        ("Lena Meyer   0:03\nWe ship.\nTom   0:09\nFine.\n", &["Lena Meyer@3: We ship.", "Tom@9: Fine."]),
        (
            "Weekly (2026-11-30 10:00 GMT) - Transcript\nAttendees\nLena, Tom\n\n00:00:10\nLena: We ship.\nTom: Fine.\n00:05:00\nLena: Bye.\n",
            &["Lena@10: We ship.", "Tom@10.8: Fine.", "Lena@300: Bye."],
        ),
        (
            "**Lena:** We ship.\n**Tom:** Fine.\n**Lena:** Bye.",
            &["Lena@0: We ship.", "Tom@0.8: Fine.", "Lena@1.3: Bye."],
        ),
        (
            "김민지: 시작할까요?\n박준호: 네: 좋아요.\n김민지: 네.",
            &["김민지@0: 시작할까요?", "박준호@0.667: 네: 좋아요.", "김민지@1.467: 네."],
        ),
    ] {
        assert_eq!(detect(text.as_bytes()), Some(Format::Text), "{text}");
        assert_eq!(turns(text), expected, "{text}");
    }
}

#[test]
fn other_files_are_no_transcripts() {
    let image = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    let wave = b"RIFF\x24\x08\0\0WAVEfmt \x10\0\0\0";
    let prose = "It was a dark night. The wind blew: cold, and from the north.\nNobody came.\nNothing else happened.\n";
    let page = "<!doctype html>\n<html><head><title>Lena: a life</title></head></html>";
    let code = "use std::io;\nfn main() {\n    println!(\"Hi\");\n}\n";
    for file in [
        &image[..],
        wave,
        prose.as_bytes(),
        page.as_bytes(),
        code.as_bytes(),
        b"",
        b"\n\n",
        &[0xff; 4000],
        b"ID3\x03\0",
    ] {
        assert_eq!(detect(file), None, "{}", String::from_utf8_lossy(file));
    }
    let cut = "Lena: 안녕\nTom: 네\nLena: 네\n".as_bytes();
    assert_eq!(detect(&cut[..cut.len() - 2]), Some(Format::Text), "the head ends in the middle of a letter");
}

#[test]
fn utf_16_is_read_and_other_alphabets_are_refused() {
    let text = "Lena: Hallo.\nTom: Grüße.\nLena: Ja.";
    for (mark, bytes) in
        [([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]), ([0xfe, 0xff], u16::to_be_bytes)]
    {
        let file: Vec<u8> = mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect();
        assert_eq!(said(&file).len(), 3);
    }
    assert_eq!(read(b"Lena: Gr\xfc\xdfe.\nTom: Ja.\nLena: Ja."), Err(ImportError::NotText));
}

#[test]
fn what_is_hostile_does_no_harm() {
    for (file, error) in [
        ("WEBVTT\n\n".to_owned(), ImportError::Empty),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Lena>\u{200b} ...\n".to_owned(), ImportError::Empty),
        ("{\"segments\": []}".to_owned(), ImportError::Empty),
        ("{\"text\": \"only\"}".to_owned(), ImportError::Malformed("it has no list of segments".to_owned())),
        (format!("[{}{{}}]", "{\"text\":\"a\"},".repeat(MAX_SEGMENTS + 1)), ImportError::TooLong),
    ] {
        assert_eq!(read(file.as_bytes()), Err(error));
    }
    let nested = format!("{{\"segments\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(read(nested.as_bytes()), Err(ImportError::Malformed(_))));
    let broken = read(b"{\"segments\": [{\"start\": 1, ");
    assert!(matches!(broken, Err(ImportError::Malformed(_))), "{broken:?}");
    // Times that cannot be, and the order in which nobody said it.
    let times = r#"[{"start":1e999,"end":-5,"text":"a"},{"start":"x","end":1e300,"text":"b"},{"start":9,"end":3,"text":"c"},{"start":-4,"text":"d"}]"#;
    let times: Vec<(f64, f64)> = match read(times.as_bytes()) {
        Ok(imported) => imported.segments.iter().map(|segment| (segment.start, segment.end)).collect(),
        Err(_) => Vec::new(),
    };
    assert!(times.iter().all(|(start, end)| start <= end && *end <= MAX_SECONDS), "{times:?}");
    // Names and words that hide or would be markup stay words.
    let name = "\u{202e}Le\nna".replace('\n', " ");
    let file = format!(
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v {name}{}>\u{1b}[2J {}</v>\n",
        "x".repeat(5000),
        "word ".repeat(5000)
    );
    let segments = read(file.as_bytes()).unwrap().segments;
    assert!(segments.len() > 1 && segments.iter().all(|one| one.text.chars().count() <= 2 * MAX_TEXT_CHARS));
    let speaker = segments[0].speaker.as_deref().unwrap_or_default();
    assert!(speaker.starts_with("Le na") && speaker.chars().count() <= MAX_SPEAKER_CHARS, "{speaker}");
    assert!(!segments[0].text.contains('\u{1b}'));
    // Lines without an end cost no more than their length.
    let long = format!("Lena: {}\nTom: b\nLena: c", "a: ".repeat(4_000));
    assert!(read(long.as_bytes()).unwrap().segments.len() >= 3);
}

#[test]
fn what_is_exported_here_comes_in_again() {
    let segment = |number, start: f64, speaker: &str, text: &str| Segment {
        number,
        start,
        end: start + 2.0,
        text: text.to_owned(),
        speaker: Some(speaker.to_owned()),
        ..Segment::default()
    };
    let segments = [
        segment(1, 0.0, "Lena", "We ship."),
        segment(2, 2.0, "Tom", "Fine & good."),
        segment(3, 4.0, "Lena", "Bye."),
    ];
    let words = |file: String| -> Vec<(Option<String>, String)> {
        read(file.as_bytes()).unwrap().segments.into_iter().map(|one| (one.speaker, one.text)).collect()
    };
    let expected: Vec<(Option<String>, String)> =
        segments.iter().map(|one| (one.speaker.clone(), one.text.clone())).collect();
    assert_eq!(words(crate::transcript::vtt(&segments)), expected);
    assert_eq!(words(crate::transcript::srt(&segments)), expected);
    assert_eq!(words(crate::transcript::text(&segments)), expected);
    assert_eq!(words(crate::transcript::timed_text(&segments)), expected);
    let json = serde_json::json!({ "segments": segments }).to_string();
    assert_eq!(words(json), expected);
}
