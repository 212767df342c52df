//! Who is to do something. A model names whoever it has just read; the lines themselves say it better.

use super::Evidence;
use text::words::tokens;

impl Evidence {
    /// The one who does `task`, as the lines in `segments` say: whoever takes it on there, or is asked to; else the one that
    /// the model `claimed`, if the lines name or are said by that one.
    pub fn owner(&self, task: &str, claimed: Option<&str>, segments: &[u64]) -> Option<String> {
        let statement = self.statement(task);
        let search = super::Search::new(self, &statement, |_| true);
        let mut places = self.places(segments);
        places.sort_by(|one, other| search.weight_of(*other).total_cmp(&search.weight_of(*one)));
        let owner = places.iter().find_map(|place| self.owner_in_line(*place));
        owner.map(str::to_owned).or_else(|| self.named_owner(claimed?, segments))
    }

    /// Who takes something on in a line, or is asked to by name.
    fn owner_in_line(&self, place: usize) -> Option<&str> {
        let line = self.lines.get(place)?;
        if self.speech.takes_on(&line.text) {
            return line.speaker.map(|speaker| self.people.name(speaker));
        }
        let mut mentioned = self.mentioned(&line.text).into_iter();
        let asked = mentioned.find(|person| line.speaker != Some(*person));
        asked.filter(|_| self.speech.asks(&line.text)).map(|person| self.people.name(person))
    }

    /// The owner that a model claims: one of those who speak, by the whole name, or somebody whom the lines name.
    fn named_owner(&self, claimed: &str, segments: &[u64]) -> Option<String> {
        let (lines, person) =
            (self.places(segments), tokens(claimed).find_map(|word| self.people.called(word)));
        let Some(person) = person.or_else(|| self.people.find(claimed)) else {
            let statement = self.statement(claimed);
            let said = statement.said(&self.near(&lines, 0)).count();
            return (said > 0 && said == statement.pieces.len()).then(|| claimed.to_owned());
        };
        let is_there = |place: &usize| {
            self.lines.get(*place).is_some_and(|line| {
                line.speaker == Some(person) || self.mentioned(&line.text).contains(&person)
            })
        };
        lines.iter().any(is_there).then(|| self.people.name(person).to_owned())
    }
}
