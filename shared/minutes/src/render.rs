//! Minutes for people and programs: plain text, Markdown, JSON; each statement with the time at which it was said.
//! Whatever was said or written, it stays words: nothing in it becomes markup.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use shared::minutes::{ActionItem, Minutes, Point, Unmet};

use crate::headings::Words;
use shared::segment::Segment;
use text::{clock, markdown, printable};

/// Begin of each segment in seconds, by its number.
pub type Starts = BTreeMap<u64, f64>;

/// Begin of each segment in seconds, by its number.
pub fn starts(segments: &[Segment]) -> Starts {
    // Whoever cites a segment that was merged into another means that one.
    let numbers = |one: &Segment| [&[one.number], one.merged.as_slice()].concat();
    segments.iter().flat_map(|one| numbers(one).into_iter().map(|number| (number, one.start))).collect()
}

/// The recording that minutes are of.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// When its segments begin.
    pub starts: Starts,
    /// Address of its page, to which a moment is added as `?t=SECONDS`; none: times are no links.
    pub page: Option<String>,
}

impl Recording {
    /// The moment at which the first of these segments begins, in seconds.
    fn begin(&self, segments: &[u64]) -> Option<f64> {
        segments.iter().filter_map(|number| self.starts.get(number)).copied().reduce(f64::min)
    }

    fn link(&self, seconds: f64) -> Option<String> {
        self.page.as_ref().map(|page| format!("{page}?t={}", (seconds * 100.0).round() / 100.0))
    }
}

/// What the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A terminal, or a file of plain text.
    Text,
    /// A Markdown file, with links to the moments.
    Markdown,
}

/// The minutes, each statement with the time of the first segment that it rests on.
pub fn text(minutes: &Minutes, recording: &Recording, form: Form) -> String {
    let page = Page { recording, form, words: Words::of(&minutes.language) };
    let (title, summary) = (page.plain(&minutes.title), page.plain(&minutes.summary));
    let title =
        if form == Form::Markdown { format!("# {title}") } else { format!("═══ {title} ═══") };
    let mut blocks = vec![title, summary];
    blocks.extend(page.own(minutes));
    blocks.extend([
        page.points(page.words.decisions, &minutes.decisions),
        page.list(page.words.actions, minutes.action_items.iter().map(|item| page.action(item))),
        page.points(page.words.key_points, &minutes.key_points),
        page.points(page.words.questions, &minutes.open_questions),
        page.list(
            page.words.chapters,
            minutes.chapters.iter().map(|chapter| (page.plain(&chapter.title), Some(chapter.start))),
        ),
        page.footer(minutes),
    ]);
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n\n") + "\n"
}

/// The minutes as data: as they are stored, each entry also with the second at which it was said (`start`) and the
/// address of that moment (`link`).
pub fn json(minutes: &Minutes, recording: &Recording) -> Value {
    let mut value = json!(minutes);
    let lists = value.as_object_mut().into_iter().flatten().filter_map(|(_, field)| field.as_array_mut());
    for entry in lists.flatten().filter_map(Value::as_object_mut) {
        let cited = entry.get("segments").and_then(Value::as_array);
        let Some(start) = cited.and_then(|list| recording.begin(&numbers(list))) else { continue };
        let start = entry.entry("start").or_insert(json!(start)).as_f64().unwrap_or(start);
        if let Some(link) = recording.link(start) {
            entry.insert("link".to_owned(), link.into());
        }
    }
    value
}

fn numbers(list: &[Value]) -> Vec<u64> {
    list.iter().filter_map(Value::as_u64).collect()
}

struct Page<'a> {
    recording: &'a Recording,
    form: Form,
    words: &'static Words,
}

impl Page<'_> {
    fn plain(&self, text: &str) -> String {
        if self.form == Form::Markdown { markdown(text) } else { printable(text) }
    }

    fn heading(&self, heading: &str) -> String {
        let heading = self.plain(heading);
        if self.form == Form::Markdown { format!("## {heading}\n") } else { heading }
    }

    /// A heading and its entries, each with the second at which it was said; nothing if there are none.
    fn list(&self, heading: &str, entries: impl Iterator<Item = (String, Option<f64>)>) -> String {
        let bullet = if self.form == Form::Markdown { "-" } else { "  •" };
        let lines: Vec<String> =
            entries.map(|(text, start)| format!("{bullet} {text}{}", self.time(start))).collect();
        if lines.is_empty() {
            String::new()
        } else {
            format!("{}\n{}", self.heading(heading), lines.join("\n"))
        }
    }

    fn time(&self, start: Option<f64>) -> String {
        let Some(start) = start else { return String::new() };
        match self.recording.link(start).filter(|_| self.form == Form::Markdown) {
            Some(link) => format!(" ([{}]({link}))", clock(start)),
            None => format!(" ({})", clock(start)),
        }
    }

    fn points(&self, heading: &str, points: &[Point]) -> String {
        let entry = |point: &Point| {
            let text = self.marked(self.plain(&point.text), point.unclear.is_some());
            (text, self.recording.begin(&point.segments))
        };
        self.list(heading, points.iter().map(entry))
    }

    fn action(&self, item: &ActionItem) -> (String, Option<f64>) {
        let text = self.with_details(&item.task, item.owner.as_deref(), item.due.as_deref());
        (self.marked(text, item.unclear.is_some()), self.recording.begin(&item.segments))
    }

    /// An entry of which it is not sure that anybody meant it says so.
    fn marked(&self, text: String, is_unclear: bool) -> String {
        if is_unclear { format!("{text} ({})", self.words.unclear) } else { text }
    }

    /// An entry with who it concerns and until when.
    fn with_details(&self, text: &str, owner: Option<&str>, due: Option<&str>) -> String {
        let owner = owner.map(|owner| format!(" — {}", self.plain(owner))).unwrap_or_default();
        let due = due.map(|due| format!(", {} {}", self.words.due, self.plain(due))).unwrap_or_default();
        format!("{}{owner}{due}", self.plain(text))
    }

    /// The fields that only the template has.
    fn own(&self, minutes: &Minutes) -> Vec<String> {
        let field = |(name, value): (&String, &Value)| {
            let heading = self.words.heading(name);
            match value {
                Value::String(text) if !text.is_empty() => {
                    format!("{}\n{}", self.heading(&heading), self.plain(text))
                }
                Value::Array(entries) => {
                    self.list(&heading, entries.iter().filter_map(|entry| self.own_entry(entry)))
                }
                _ => String::new(),
            }
        };
        minutes.extra.iter().map(field).collect()
    }

    fn own_entry(&self, entry: &Value) -> Option<(String, Option<f64>)> {
        let word = |name: &str| entry.get(name).and_then(Value::as_str);
        let text = self.with_details(word("text")?, word("owner"), word("due"));
        let text = self.marked(text, word("unclear").is_some());
        let cited = entry.get("segments").and_then(Value::as_array);
        Some((text, cited.and_then(|list| self.recording.begin(&numbers(list)))))
    }

    /// Who wrote the minutes, from how much of what was said, and what they lack.
    fn footer(&self, minutes: &Minutes) -> String {
        let percent = (minutes.coverage.share * 100.0).round();
        let author = match minutes.provider.as_str() {
            "extractive" => self.words.extractive.to_owned(),
            provider => (self.words.author)(&minutes.model, provider, percent),
        };
        let unmet = minutes.coverage.unmet.iter().map(|unmet| match unmet {
            Unmet::Language => self.words.no_language,
            Unmet::Template => self.words.no_template,
        });
        let doubtful = (self.unclear(minutes) > 0).then_some(self.words.doubtful);
        let dropped = minutes.coverage.dropped.len();
        let left_out = (dropped > 0).then(|| (self.words.left_out)(dropped)).into_iter();
        let sentences = std::iter::once(author.as_str()).chain(unmet).chain(doubtful).map(str::to_owned);
        self.plain(&sentences.chain(left_out).collect::<Vec<_>>().join(" "))
    }

    /// How many entries are marked as unclear.
    fn unclear(&self, minutes: &Minutes) -> usize {
        let points = [&minutes.decisions, &minutes.key_points, &minutes.open_questions];
        let points = points.into_iter().flatten().map(|point| point.unclear.is_some());
        let tasks = minutes.action_items.iter().map(|item| item.unclear.is_some());
        let own = minutes.extra.values().filter_map(Value::as_array).flatten();
        let own = own.map(|entry| entry.get("unclear").is_some());
        points.chain(tasks).chain(own).filter(|unclear| *unclear).count()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_merged_segment_is_found_under_both_numbers() {
        let segment = |number, start, merged: &[u64]| Segment {
            number,
            start,
            merged: merged.to_vec(),
            ..Segment::default()
        };
        let expected = Starts::from([(1, 0.5), (2, 4.0), (3, 4.0), (7, 6.0)]);
        assert_eq!(starts(&[segment(1, 0.5, &[]), segment(2, 4.0, &[3]), segment(7, 6.0, &[])]), expected);
    }

    fn recording() -> Recording {
        let page = Some("http://seogi.example/#/jobs/1".to_owned());
        Recording { starts: Starts::from([(1, 0.56), (2, 4.0), (3, 61.0)]), page }
    }

    /// Minutes in which every word is `words`, or where there are none, usual ones.
    fn written(provider: &str, words: Option<&str>) -> Minutes {
        let say = |usual: &str| words.unwrap_or(usual).to_owned();
        let point = |text: &str, segments: &[u64]| json!({ "text": say(text), "segments": segments });
        serde_json::from_value(json!({
            "title": say("Budget"), "summary": say("They met."), "language": "en",
            "key_points": [point("Money is short.", &[9])],
            "decisions": [point("Buy one.", &[2, 1])],
            "action_items": [
                { "task": say("Send the offer"), "owner": say("Anna"), "due": say("Friday"), "segments": [3] },
                { "task": say("Call back"), "owner": null, "due": null, "segments": [] },
            ],
            "open_questions": [], "chapters": [{ "title": say("Begin"), "start": 0.5, "end": 9.0, "segments": [1, 2, 3] }],
            "coverage": { "share": 0.996, "parts": 1, "tokens_in": 1, "tokens_out": 1, "retries": 0, "seconds": 1.0,
                          "dropped": [], "unmet": ["language"] },
            "provider": provider, "model": say("llama3.2"), "template": "medical",
            "complaint": [{ "text": say("It hurts"), "due": say("Monday"), "segments": [2] }, 7, { "no": "text" }],
            "mood_today": say("Good."), "empty": [], "nonsense": { "text": "x" },
        }))
        .unwrap()
    }

    #[test]
    fn text_has_owner_date_and_time_and_no_empty_headings() {
        let shown = text(&written("ollama", None), &recording(), Form::Text);
        assert_eq!(
            shown,
            "═══ Budget ═══\n\nThey met.\n\nComplaint\n  • It hurts, due Monday (0:04)\n\nMood today\nGood.\n\nDecisions\n  \
             • Buy one. (0:00)\n\nAction items\n  • Send the offer — Anna, due Friday (1:01)\n  • Call back\n\nKey points\n  \
             • Money is short.\n\nChapters\n  • Begin (0:00)\n\nWritten by llama3.2 (ollama) from 100 % of what was said. Not \
             everything could be written in the language that was asked for.\n"
        );
    }

    #[test]
    fn markdown_links_to_the_moments() {
        let shown = text(&written("extractive", None), &recording(), Form::Markdown);
        assert!(
            shown.starts_with("# Budget\n\nThey met.\n\n## Complaint\n\n- It hurts, due Monday ([0:04]("),
            "{shown}"
        );
        assert!(shown.contains("- Buy one. ([0:00](http://seogi.example/#/jobs/1?t=0.56))\n"), "{shown}");
        assert!(shown.contains("extractive method; no language model"), "{shown}");
        let alone = text(&written("ollama", None), &Recording { page: None, ..recording() }, Form::Markdown);
        assert!(alone.contains("- Buy one. (0:00)\n"), "{alone}");
    }

    #[test]
    fn minutes_are_headed_in_their_language() {
        let korean = Minutes { language: "ko".to_owned(), ..written("ollama", None) };
        let shown = text(&korean, &recording(), Form::Markdown);
        for heading in ["## 주호소\n", "## 결정 사항\n", "Anna, 기한 Friday", "이(가) 발화의 100 %"]
        {
            assert!(shown.contains(heading), "{shown}");
        }
    }

    #[test]
    fn data_has_the_moments_as_well() {
        let minutes = written("ollama", None);
        let data = json(&minutes, &recording());
        let decision = json!({ "text": "Buy one.", "segments": [2, 1], "start": 0.56, "link": "http://seogi.example/#/jobs/1?t=0.56" });
        assert_eq!(data["decisions"][0], decision);
        assert_eq!(
            (&data["complaint"][0]["start"], &data["chapters"][0]["start"]),
            (&json!(4.0), &json!(0.5))
        );
        assert_eq!(data["key_points"][0].get("start"), None);
        let read: Minutes = serde_json::from_value(data).unwrap();
        assert_eq!((read.title, read.decisions), (minutes.title, minutes.decisions));
    }

    #[test]
    fn no_word_in_any_field_becomes_markup() {
        for evil in [
            "<script>alert(1)</script><img src=x onerror=alert(1)>",
            "[click](javascript:alert(1)) ![](http://evil.example/x.png) <http://evil.example> http://evil.example",
            "\n# heading\n- item\n```\ncode\n```\n| a | b |\n|---|---|\n***bold*** __strong__ ~~no~~",
            "&lt;b&gt; \\<b\\> \u{1b}[2J \u{202e}",
        ] {
            let plain = text(&written("ollama", Some("x")), &recording(), Form::Markdown);
            let shown = text(&written("ollama", Some(evil)), &recording(), Form::Markdown);
            assert_eq!(shown.lines().count(), plain.lines().count(), "no line more: {shown}");
            assert!(!shown.contains(['<', '>', '\u{1b}', '\u{202e}']), "{shown}");
            let bare = shown.replace("](http://seogi.example/", "").replace("\\]", "");
            assert!(!bare.replace("\\://", "").contains("://"), "{shown}");
            assert!(!bare.contains("](") && !bare.contains("!["), "{shown}");
            for mark in ["***", "```", "~~", "__"] {
                assert!(!shown.contains(mark), "{mark}: {shown}");
            }
            let terminal = text(&written("ollama", Some(evil)), &recording(), Form::Text);
            assert!(!terminal.contains(['\u{1b}', '\u{202e}']), "{terminal}");
        }
    }
}
