use super::*;

fn found(sentence: &str) -> String {
    match act(sentence) {
        Act::Task(Task { task, owner, due, .. }) => {
            let owner = match owner {
                Owner::Named(name) => name,
                Owner::Speaker => "I".to_owned(),
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
        ("Maria will review the budget by Friday.", "Maria | Friday | Review the budget"),
        (
            "Action item for the support team, move the new feature by Thursday.",
            "Support team | Thursday | Move the new feature",
        ),
        ("Action item for James, update the prototype.", "James |  | Update the prototype"),
        ("Action item: Maria to send the report.", "Maria |  | Send the report"),
        ("Emma and Sarah will prepare the first draft.", "Emma and Sarah |  | Prepare the first draft"),
        (
            "The support team will approve the deadline next quarter.",
            "Support team | next quarter | Approve the deadline",
        ),
        ("We will check the website this month.", " | this month | Check the website"),
        (
            "I will send the agenda to the client tomorrow morning.",
            "I | tomorrow morning | Send the agenda to the client",
        ),
        (
            "So I think Peter should call the bank before the release.",
            "Peter | before the release | Call the bank",
        ),
        ("I'll fix the login within two days", "I | within two days | Fix the login"),
        ("Please write the test plan before Monday.", "you | before Monday | Write the test plan"),
        ("Can you prepare the proposal by Tuesday?", "you | Tuesday | Prepare the proposal"),
        ("Anna, please update the roadmap after lunch.", "Anna | after lunch | Update the roadmap"),
        ("We must publish the guide before the release.", " | before the release | Publish the guide"),
        ("David is responsible for the data model.", "David |  | The data model"),
        ("The Paris office needs the database by Friday.", " | Friday | The Paris office needs the database"),
        ("Don't forget to book the room on March 3rd.", "you | March 3rd | Book the room"),
        ("I'll have the slides ready by Monday.", "I | Monday | Have the slides ready"),
        ("Yep, I'll call the plumber this afternoon.", "I | this afternoon | Call the plumber"),
        (
            "I can ask the neighbours whether they have time.",
            "I |  | Ask the neighbours whether they have time",
        ),
        ("I need to ask the bank about that.", "I |  | Ask the bank about that"),
        ("We agreed that Nina will paint the door by Monday.", "Nina | Monday | Paint the door"),
        ("Could you bring me the keys by tonight, Omar?", "Omar | tonight | Bring me the keys"),
        ("Somebody should water the plants.", " |  | Water the plants"),
    ] {
        assert_eq!(found(sentence), expected, "{sentence}");
    }
}

#[test]
fn what_only_looks_like_a_task_is_none() {
    for sentence in [
        "The roadmap will cost sixty thousand dollars.",
        "It will take about forty customers.",
        "The support team needs twelve more days.",
        "We will not be there.",
        "The survey depends on the legal team.",
        "The lawyer wants to test the backup next month.",
        "Sales went up by ten percent this month.",
        "We need eleven more people to prepare the test plan.",
        "The next meeting is on Thursday at half past two.",
        "I need to eat.",
        "They could move it by a week.",
        "The fair was cancelled because of the storm.",
        "That was approved yesterday.",
        "We decided last year to sell the bus.",
    ] {
        assert_eq!(found(sentence), "Statement", "{sentence}");
    }
    for sentence in [
        "Maria, please share your screen.",
        "Good morning everyone, thank you for joining.",
        "Let us talk about the price list.",
        "That is all for today, see you on Thursday.",
        "Are there any questions about the budget?",
        "I agree with Peter about the plan.",
        "The next item on the agenda is the training.",
        "Okay.",
        "I'll be honest, I didn't read it.",
        "Let me just share my screen.",
        "Sorry, I was on mute.",
        "I have to run to another room.",
    ] {
        assert_eq!(found(sentence), "Talk", "{sentence}");
    }
}

#[test]
fn decisions_and_questions_are_told_apart_from_the_rest() {
    for sentence in [
        "We decided to move the presentation to Thursday.",
        "The decision is to publish the document this month.",
        "We have agreed on the price.",
        "The budget was approved by the board.",
        "Okay, let's go with the blue one.",
        "Then I'd say let's paint the door this week.",
        "We're going to keep the old boiler then.",
        "So we're going with the second offer.",
        "Okay, agreed, no lunch on Mondays.",
    ] {
        assert_eq!(found(sentence), "Decision", "{sentence}");
    }
    for sentence in [
        "Who will present the new feature?",
        "When can we present the user guide?",
        "Do we have the contract for the analyst?",
        "David, what is the status of the budget?",
        "How long will that take",
        "Was it decided?",
    ] {
        assert_eq!(found(sentence), "Question", "{sentence}");
    }
    for sentence in ["What if we go for the green one?", "Should we paint the door?", "What about a bus?"] {
        assert_eq!(found(sentence), "Proposal", "{sentence}");
    }
    for sentence in
        ["Nobody knows yet who pays for the bus.", "I have no idea.", "I don't think anybody asked."]
    {
        assert_eq!(found(sentence), "Unknown", "{sentence}");
    }
    assert_eq!(clean("So, um, I think, you know, it works."), "It works.");
    assert_eq!(
        clean("And I'll, um, I'll write how to, you know, how to use it."),
        "I'll write how to use it."
    );
    for sentence in [
        "Nothing was decided yet.",
        "The budget is not approved.",
        "I was sad when they left.",
        "Let's see what happens.",
    ] {
        assert_eq!(found(sentence), "Statement", "{sentence}");
    }
}
