//! Who speaks, and by what names others call them.

use shared::segment::Segment;
use text::words::is_hangul;

/// Somebody who speaks, by the place among all who do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Person(usize);

impl Person {
    /// Stands for every name of this person where words are compared.
    pub fn key(self) -> String {
        format!("@{}", self.0)
    }
}

/// Everybody who speaks.
#[derive(Debug, Default)]
pub(super) struct People(Vec<(String, Vec<String>)>);

impl People {
    pub fn of(segments: &[Segment]) -> Self {
        let mut people: Vec<(String, Vec<String>)> = Vec::new();
        for name in segments.iter().filter_map(|segment| segment.speaker.as_deref()) {
            if !people.iter().any(|(known, _)| known == name) {
                people.push((name.to_owned(), aliases(name)));
            }
        }
        Self(people)
    }

    /// The one whose name is written exactly so.
    pub fn find(&self, name: &str) -> Option<Person> {
        self.0.iter().position(|(known, _)| known == name).map(Person)
    }

    /// The one who is called so, with whatever stands behind a Korean name. None if two are.
    pub fn called(&self, word: &str) -> Option<Person> {
        let word = word.to_lowercase();
        let word = word.trim_end_matches("'s").trim_end_matches("’s");
        let is = |alias: &String| {
            let korean = alias.chars().all(is_hangul);
            word == alias || korean && word.strip_prefix(alias.as_str()).is_some_and(is_ending)
        };
        let mut found = self.0.iter().enumerate().filter(|(_, (_, aliases))| aliases.iter().any(is));
        let person = found.next().map(|(place, _)| Person(place));
        person.filter(|_| found.next().is_none())
    }

    /// The whole name.
    pub fn name(&self, person: Person) -> &str {
        self.0.get(person.0).map_or("", |(name, _)| name)
    }
}

/// Names that a person may be called by. "Speaker 1" is called nothing.
fn aliases(name: &str) -> Vec<String> {
    let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    let has_chars = |word: &&String| word.chars().filter(|character| character.is_alphabetic()).count() >= 2;
    if name.chars().any(|character| character.is_ascii_digit()) {
        return Vec::new();
    }
    let mut aliases: Vec<String> = words.iter().filter(has_chars).cloned().collect();
    // 이서연 is called 서연 씨.
    let given = words.iter().filter(|word| word.chars().count() == 3 && word.chars().all(is_hangul));
    aliases.extend(given.map(|word| word.chars().skip(1).collect::<String>()).collect::<Vec<_>>());
    aliases
}

/// What may follow a name in the same Korean word.
fn is_ending(rest: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "",
        "씨",
        "님",
        "이",
        "가",
        "은",
        "는",
        "을",
        "를",
        "의",
        "도",
        "와",
        "과",
        "랑",
        "이랑",
        "에게",
        "한테",
        "께서",
        "께",
        "이가",
        "이는",
        "씨가",
        "씨는",
        "씨한테",
        "씨에게",
        "씨도",
        "님이",
        "님은",
        "님께",
        "님한테",
        "님에게",
        "님께서",
        "만",
        "부터",
        "까지",
    ];
    ENDINGS.contains(&rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_known_by_the_names_that_others_call_them() {
        let said = ["Lena Meyer", "이서연", "Speaker 3", "Lena Kim"]
            .map(|name| Segment { speaker: Some(name.to_owned()), ..Segment::default() });
        let people = People::of(&said);
        let called = |word| people.called(word).map(|person| people.name(person));
        assert_eq!(called("Meyer's"), Some("Lena Meyer"));
        assert_eq!(called("서연한테"), Some("이서연"));
        assert_eq!(called("이서연은"), Some("이서연"));
        assert_eq!(called("서연구소"), None);
        assert_eq!(called("Lena"), None, "there are two");
        assert_eq!(called("speaker"), None);
    }
}
