//! Answers in pieces: what is heard of them on the way, and that they come to the same in the end.

use fake_llm::Reply;

use super::*;
use llm::{Answer, ChatRequest, Message, Piece, TokenUsage};

/// What was heard, piece by piece, and what the answer was.
async fn streamed(provider: LlmProvider, replies: Vec<Reply>) -> (Vec<String>, Result<Answer, LlmError>) {
    let server = FakeLlm::start().await.unwrap();
    server.next(replies);
    let summariser = Summariser::from_config(&config(provider, &server)).unwrap();
    let model = summariser.language_model().unwrap();
    let request = ChatRequest::new(vec![Message::system("Answer."), Message::user("Well?")], 100);
    let mut streamed = Vec::new();
    let mut on_piece = |piece: Piece<'_>| match piece {
        Piece::Text(text) => streamed.push(text.to_owned()),
        Piece::Again => streamed.push("(again)".to_owned()),
    };
    let answer = model.ask(&request, &TokenUsage::default(), &mut on_piece).await;
    (streamed, answer)
}

const SERVERS: [LlmProvider; 4] =
    [LlmProvider::Ollama, LlmProvider::LmStudio, LlmProvider::OpenAi, LlmProvider::Gemini];

#[tokio::test]
async fn an_answer_is_heard_while_it_comes_and_no_letter_is_lost() {
    let text = "회의는 화요일입니다. Grüße, 👩‍🔬! ".repeat(20);
    for provider in SERVERS {
        let (streamed, answer) = streamed(provider, vec![Reply::Content(text.clone())]).await;
        let answer = answer.unwrap();
        assert!(streamed.len() > 10, "in pieces: {streamed:?}");
        assert_eq!((streamed.concat(), &answer.text), (text.clone(), &text));
        assert!(answer.finished && answer.tokens_in == 321 && answer.tokens_out > 0);
    }
}

#[tokio::test]
async fn a_server_that_cannot_stream_is_heard_all_the_same() {
    for provider in SERVERS {
        let (streamed, answer) =
            streamed(provider, vec![Reply::Whole("<think>no</think>All of it.".to_owned())]).await;
        assert_eq!(streamed, ["All of it."]);
        assert!(answer.unwrap().finished);
    }
}

#[tokio::test]
async fn thinking_is_never_streamed() {
    for provider in SERVERS {
        for reply in [
            Reply::Content("<think>The secret is in here, at some length.</think>Thursday.".to_owned()),
            Reply::Thought("The secret".to_owned(), "Thursday.".to_owned()),
        ] {
            let (streamed, _) = streamed(provider, vec![reply]).await;
            assert_eq!(streamed.concat(), "Thursday.");
        }
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_begins_anew() {
    for provider in SERVERS {
        for broken in [Reply::Broken, Reply::Fails("It".to_owned())] {
            let (streamed, answer) =
                streamed(provider, vec![broken, Reply::Content("On Friday.".to_owned())]).await;
            let after = streamed.iter().position(|piece| piece == "(again)").unwrap() + 1;
            assert_eq!(streamed[after..].concat(), "On Friday.");
            assert_eq!(answer.unwrap().text, "On Friday.");
        }
        let (streamed, answer) = streamed(provider, vec![Reply::Ends("It".to_owned())]).await;
        assert_eq!(streamed.concat(), "It");
        assert!(answer.unwrap_err().to_string().contains("ends in the middle"));
    }
}

#[tokio::test]
async fn an_answer_at_its_limit_says_so() {
    for provider in SERVERS {
        let (_, answer) = streamed(provider, vec![Reply::CutOff("On Fri".to_owned())]).await;
        assert!(!answer.unwrap().finished);
    }
}

#[tokio::test]
async fn a_question_that_nobody_waits_for_any_more_is_given_up() {
    let server = FakeLlm::start().await.unwrap();
    server.always(Reply::Stalls("It".to_owned()));
    let config = config(LlmProvider::Ollama, &server);
    let task = tokio::spawn(async move { minutes(&config, &meeting()).await });
    while server.under_way() == 0 {
        tokio::task::yield_now().await;
    }
    task.abort();
    while server.under_way() > 0 {
        tokio::task::yield_now().await;
    }
}
