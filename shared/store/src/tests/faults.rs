//! Stories of databases that fail in the middle of a write. What was answered is stored, and what was not answered well
//! is not there at all; once the fault is over, everything is stored again.

use futures::FutureExt;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

use super::{writes::Write, *};
use crate::{Dialect, Reserve};

const EVENTS: [&str; 3] = ["INSERT", "UPDATE", "DELETE"];

/// Somebody else who calls the database, and sees what is stored.
struct Outside {
    connection: AnyConnection,
    everything: String,
}

impl Outside {
    async fn of(world: &World) -> Self {
        let mut connection = AnyConnection::connect(&world.url).await.unwrap();
        let everything = world.everything(&mut connection).await;
        Self { connection, everything }
    }

    async fn stored(&mut self) -> Vec<(String, String)> {
        let everything = AssertSqlSafe(self.everything.clone());
        let mut rows = sqlx::query_as(everything).fetch_all(&mut self.connection).await.unwrap();
        rows.sort();
        rows
    }

    async fn execute(&mut self, statement: String) {
        self.connection.execute(AssertSqlSafe(statement)).await.unwrap();
    }
}

impl World {
    /// Puts a switch before every table, which lets each change of it fail as on a full disk. SQLite rolls the whole
    /// transaction back by itself then.
    async fn put_switches(&self, outside: &mut Outside) {
        let mut statements = Vec::new();
        if self.store.dialect == Dialect::Postgres {
            let raise = "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                         IF (SELECT broken FROM _sqlx_faults) = TG_TABLE_NAME THEN \
                         RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END IF; \
                         IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$";
            statements.push(raise.to_owned());
        }
        for table in self.tables(&mut outside.connection).await {
            let is_broken = format!("(SELECT broken FROM _sqlx_faults) = '{table}'");
            let fault = match self.store.dialect {
                Dialect::Sqlite => {
                    format!("WHEN {is_broken} BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END")
                }
                Dialect::Postgres => "FOR EACH ROW EXECUTE FUNCTION fault()".to_owned(),
                Dialect::MariaDb => format!(
                    "FOR EACH ROW IF {is_broken} THEN SIGNAL SQLSTATE 'HY000' \
                     SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'The table is full'; END IF"
                ),
            };
            statements
                .extend(EVENTS.map(|event| {
                    format!("CREATE TRIGGER {table}_{event} BEFORE {event} ON {table} {fault}")
                }));
        }
        outside.execute("CREATE TABLE _sqlx_faults (broken VARCHAR(64) NOT NULL)".to_owned()).await;
        outside.execute("INSERT INTO _sqlx_faults VALUES ('')".to_owned()).await;
        for statement in statements {
            outside.execute(statement).await;
        }
    }

    /// Breaks this table, and mends the one that was broken before.
    async fn break_table(&self, table: &str, outside: &mut Outside) {
        outside.execute(format!("UPDATE _sqlx_faults SET broken = '{table}'")).await;
    }

    /// Hangs up on everybody else.
    async fn kill_connections(&self, outside: &mut Outside) {
        let select = match self.store.dialect {
            Dialect::Sqlite => return,
            Dialect::Postgres => {
                "SELECT CAST(COUNT(pg_terminate_backend(pid)) AS BIGINT) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()"
            }
            Dialect::MariaDb => {
                "SELECT CAST(id AS SIGNED) FROM information_schema.processlist \
                 WHERE db = DATABASE() AND id <> CONNECTION_ID()"
            }
        };
        let numbers: Vec<i64> = sqlx::query_scalar(select).fetch_all(&mut outside.connection).await.unwrap();
        if self.store.dialect == Dialect::MariaDb {
            for number in numbers {
                // It may have gone by itself.
                let kill = AssertSqlSafe(format!("KILL CONNECTION {number}"));
                let _ = outside.connection.execute(kill).await;
            }
        }
    }

    /// Makes a write and looks whether what is stored is what was answered; whether it was answered well.
    async fn is_answered_truly(
        &self,
        what: &str,
        write: Write,
        scene: &writes::Scene,
        outside: &mut Outside,
    ) -> bool {
        let before = outside.stored().await;
        let answer = self.write(scene, write).await;
        let after = outside.stored().await;
        match &answer {
            Ok(()) => assert_ne!(before, after, "{write:?} is answered and not stored ({what})"),
            Err(StoreError::Database(_) | StoreError::Full(_)) => {
                assert_eq!(before, after, "{write:?} is refused and stored ({what}): {answer:?}");
            }
            Err(error) => panic!("{write:?} ({what}): {error}"),
        }
        answer.is_ok()
    }

    /// A refusal, after which whoever does not know how its transaction stands undoes what others were answered.
    async fn refuse(&self, scene: &writes::Scene) {
        let edit = shared::edit::Edit::Delete { number: 1 };
        let refused = self.store.edit(scene.meeting, 77, &edit, 3).await;
        assert!(matches!(refused, Err(StoreError::Stale { .. })), "{refused:?}");
    }
}

pub(super) async fn what_was_answered_is_stored_whatever_statement_fails(world: World) {
    let (mut outside, mut failed) = (Outside::of(&world).await, 0);
    world.put_switches(&mut outside).await;
    for table in world.tables(&mut outside.connection).await {
        let scene = world.scene().await;
        if table == "jobs" && world.store.dialect != Dialect::Sqlite {
            world.break_table(&table, &mut outside).await;
            let refused = world.store.rename(scene.meeting, "Full").await;
            assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
        }
        for write in Write::ALL {
            world.break_table(&table, &mut outside).await;
            let done = world.is_answered_truly(&table, write, &scene, &mut outside).await;
            world.break_table("", &mut outside).await;
            if !done {
                failed += 1;
                world.refuse(&scene).await;
                assert!(
                    world.is_answered_truly("again", write, &scene, &mut outside).await,
                    "{write:?} fails after {table}"
                );
                world.refuse(&scene).await;
            }
        }
    }
    assert!(failed > Write::ALL.len(), "each fails at one table at least, most at several: {failed}");
}

pub(super) async fn a_connection_whose_transaction_did_not_end_is_never_used_again(world: World) {
    let id = world.create("First").await;
    let rename = |title: &'static str| {
        world.store.query("UPDATE jobs SET title = ? WHERE id = ?").bind(title).bind(id.to_string())
    };
    let mut outside = Outside::of(&world).await;
    let title = async |outside: &mut Outside| -> String {
        let select = world.store.dialect.sql("SELECT title FROM jobs WHERE id = ?");
        sqlx::query_scalar(select).bind(id.to_string()).fetch_one(&mut outside.connection).await.unwrap()
    };
    // Dropped in the middle, and dropped while a statement is under way.
    let mut tx = world.store.writer.begin().await.unwrap();
    rename("Dropped").execute(&mut tx).await.unwrap();
    drop(tx);
    let mut tx = world.store.writer.begin().await.unwrap();
    // Polled once, so that it is under way; a quick answer changes nothing.
    drop(rename("Forgotten").execute(&mut tx).now_or_never());
    drop(tx);
    // A statement failed, and whoever has the transaction goes on all the same.
    let mut tx = world.store.writer.begin().await.unwrap();
    rename("Before").execute(&mut tx).await.unwrap();
    world.store.query("UPDATE nowhere SET title = 'x'").execute(&mut tx).await.unwrap_err();
    rename("After").execute(&mut tx).await.unwrap_err();
    tx.commit().await.unwrap_err();
    assert_eq!(title(&mut outside).await, "First");
    world.store.rename(id, "Second").await.unwrap();
    assert_eq!(title(&mut outside).await, "Second");
}

pub(super) async fn what_was_answered_is_stored_when_connections_are_killed(url: String) {
    let world = World::at(Some(url)).await;
    let (scene, mut outside) = (world.scene().await, Outside::of(&world).await);
    for write in Write::ALL {
        let mut tx = world.store.writer.begin().await.unwrap();
        world.store.query("UPDATE jobs SET title = 'Killed'").execute(&mut tx).await.unwrap();
        world.kill_connections(&mut outside).await;
        tx.commit().await.unwrap_err();
        let tries = async { while !world.is_answered_truly("killed", write, &scene, &mut outside).await {} };
        tokio::time::timeout(PATIENCE, tries).await.expect("a new connection is made");
    }
    let killed = JobFilter { search: Some("Killed".into()), limit: 9, ..JobFilter::default() };
    assert!(world.store.list(&killed).await.unwrap().jobs.is_empty());
}

/// As after a failover: the server that was called is a replica now, and whoever calls anew reaches the new primary.
pub(super) async fn what_was_answered_is_stored_after_the_database_was_read_only(url: String) {
    let world = World::at(Some(url)).await;
    let (scene, mut outside) = (world.scene().await, Outside::of(&world).await);
    let name = world.url.rsplit('/').next().unwrap();
    let read_only = |on: bool| match world.store.dialect {
        Dialect::Postgres => format!("ALTER DATABASE {name} SET default_transaction_read_only = {on}"),
        _ => format!("SET GLOBAL tx_read_only = {on}"),
    };
    outside.execute(read_only(true)).await;
    world.kill_connections(&mut outside).await;
    for write in Write::ALL {
        assert!(!world.is_answered_truly("read-only", write, &scene, &mut outside).await, "{write:?}");
    }
    outside.execute(read_only(false)).await;
    for write in Write::ALL {
        let tries = async {
            while !world.is_answered_truly("no longer read-only", write, &scene, &mut outside).await {}
        };
        tokio::time::timeout(PATIENCE, tries).await.expect("a new connection is made");
    }
}

/// SQLite's own errors: of a file that may not grow, and of one that may not be written.
#[tokio::test]
async fn what_was_answered_is_stored_when_sqlite_is_full_or_read_only() {
    for pragma in ["PRAGMA max_page_count = 1", "PRAGMA query_only = 1"] {
        let world = World::at(None).await;
        let (scene, mut outside, mut refused) = (world.scene().await, Outside::of(&world).await, 0);
        for write in Write::ALL {
            // Of this connection only: the next one knows nothing of it.
            (&world.store.writer).execute(pragma).await.unwrap();
            if !world.is_answered_truly(pragma, write, &scene, &mut outside).await {
                refused += 1;
                world.refuse(&scene).await;
                assert!(
                    world.is_answered_truly("again", write, &scene, &mut outside).await,
                    "{write:?} after {pragma}"
                );
            }
        }
        assert!(refused > 0, "{pragma} had no effect");
    }
}

#[tokio::test]
async fn a_full_file_of_sqlite_is_told_as_such() {
    let world = World::at(None).await;
    let new = world.uploaded(upload(&"long".repeat(100_000))).await;
    (&world.store.writer).execute("PRAGMA max_page_count = 1").await.unwrap();
    let refused = world.store.create_job(new).await;
    assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
}

#[tokio::test]
async fn room_that_was_kept_free_is_given_up_to_delete_a_job() {
    let world = World::at(None).await;
    let reserve = Reserve::new(world.folder.path(), bytesize::ByteSize::kib(4));
    reserve.take().unwrap();
    let store = world.store.clone().with_reserve(reserve);
    let full = || StoreError::Full(sqlx::Error::PoolClosed);
    assert!(!store.makes_room_after(&StoreError::Database(sqlx::Error::PoolClosed)), "there is room");
    assert!(
        store.makes_room_after(&full()) && !store.makes_room_after(&full()),
        "there is no more to give up"
    );
    store.keep_reserve().await;
    assert!(store.makes_room_after(&full()));
}
