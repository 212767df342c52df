//! Minutes for people: on a terminal, or as Markdown.

use std::collections::BTreeMap;

use shared::{
    minutes::{ActionItem, Minutes},
    segment::Segment,
};

use super::{clock, printable};

/// Begin of each segment in seconds, by its number.
pub type Starts = BTreeMap<u64, f64>;

/// Begin of each segment in seconds, by its number.
pub fn starts(segments: &[Segment]) -> Starts {
    segments.iter().map(|segment| (segment.number, segment.start)).collect()
}

/// What the text is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A terminal.
    Terminal,
    /// A Markdown file.
    Markdown,
}

/// The minutes, each statement with the time of the first segment that it rests on.
pub fn minutes(minutes: &Minutes, starts: &Starts, form: Form) -> String {
    let mut page = Page { text: String::new(), starts, form };
    page.title(&minutes.title);
    page.line(&printable(&minutes.summary));
    page.list("Decisions", minutes.decisions.iter().map(|point| (printable(&point.text), &*point.segments)));
    page.list("Action items", minutes.action_items.iter().map(|item| (action(item), &*item.segments)));
    page.list(
        "Key points",
        minutes.key_points.iter().map(|point| (printable(&point.text), &*point.segments)),
    );
    page.list(
        "Open questions",
        minutes.open_questions.iter().map(|point| (printable(&point.text), &*point.segments)),
    );
    page.list(
        "Chapters",
        minutes.chapters.iter().map(|chapter| (printable(&chapter.title), &*chapter.segments)),
    );
    page.line("");
    page.line(&author(minutes));
    page.text
}

struct Page<'a> {
    text: String,
    starts: &'a Starts,
    form: Form,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn title(&mut self, title: &str) {
        let title = printable(title);
        match self.form {
            Form::Terminal => self.line(&format!("\n═══ {title} ═══\n")),
            Form::Markdown => self.line(&format!("# {title}\n")),
        }
    }

    /// A heading and its points; nothing if there are none.
    fn list<'a>(&mut self, heading: &str, points: impl Iterator<Item = (String, &'a [u64])>) {
        for (index, (text, segments)) in points.enumerate() {
            if index == 0 {
                let heading = match self.form {
                    Form::Terminal => format!("\n{heading}"),
                    Form::Markdown => format!("\n## {heading}\n"),
                };
                self.line(&heading);
            }
            let bullet = if self.form == Form::Terminal { "  •" } else { "-" };
            let first =
                segments.iter().filter_map(|number| self.starts.get(number)).copied().reduce(f64::min);
            let time = first.map(|start| format!(" ({})", clock(start))).unwrap_or_default();
            self.line(&format!("{bullet} {text}{time}"));
        }
    }
}

fn action(item: &ActionItem) -> String {
    let owner = item.owner.as_deref().map(|owner| format!(" — {}", printable(owner)));
    let due = item.due.as_deref().map(|due| format!(", due {}", printable(due)));
    format!("{}{}{}", printable(&item.task), owner.unwrap_or_default(), due.unwrap_or_default())
}

/// Who wrote the minutes, and from how much of what was said.
fn author(minutes: &Minutes) -> String {
    let share = (minutes.coverage.share * 100.0).round();
    match minutes.provider.as_str() {
        "extractive" => {
            "These are sentences picked from the transcript by the built-in extractive method; no language \
                         model wrote them (LLM_PROVIDER sets one)."
                .to_owned()
        }
        provider => {
            format!("Written by {} ({provider}) from {share} % of what was said.", printable(&minutes.model))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(provider: &str) -> Minutes {
        serde_json::from_value(json!({
            "title": "Budget\u{1b}[31m", "summary": "They met.", "language": "en",
            "key_points": [{"text": "Money is short.", "segments": [9]}],
            "decisions": [{"text": "Buy one.", "segments": [2, 1]}],
            "action_items": [
                {"task": "Send the offer", "owner": "Anna", "due": "Friday", "segments": [3]},
                {"task": "Call back", "owner": null, "due": null, "segments": []}
            ],
            "open_questions": [], "chapters": [],
            "coverage": {"share": 0.996, "parts": 1, "tokens_in": 1, "tokens_out": 1, "retries": 0, "seconds": 1.0,
                         "dropped": []},
            "provider": provider, "model": "llama3.2", "template": "default"
        }))
        .unwrap()
    }

    #[test]
    fn a_terminal_shows_owner_date_and_time_and_no_empty_headings() {
        let starts = Starts::from([(1, 0.5), (2, 4.0), (3, 61.0)]);
        let shown = minutes(&written("ollama"), &starts, Form::Terminal);
        assert_eq!(
            shown,
            "\n═══ Budget[31m ═══\n\nThey met.\n\nDecisions\n  • Buy one. (00:00.5)\n\nAction items\n  \
             • Send the offer — Anna, due Friday (01:01.0)\n  • Call back\n\nKey points\n  • Money is short.\n\n\
             Written by llama3.2 (ollama) from 100 % of what was said.\n"
        );
    }

    #[test]
    fn the_extractive_method_is_named_as_such() {
        let shown = minutes(&written("extractive"), &Starts::new(), Form::Markdown);
        assert!(shown.starts_with("# Budget") && shown.contains("\n## Decisions\n\n- Buy one.\n"), "{shown}");
        assert!(shown.contains("extractive method; no language model"), "{shown}");
    }
}
