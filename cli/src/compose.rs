//! Where the program is put together: store, storage, queue, bus, worker and API, in one process.

#[cfg(feature = "worker")]
mod local_models;
#[cfg(feature = "worker")]
mod work;

use std::{iter, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::anyhow;
use api::{App, ModelManager, ReadyCheck};
use blobs::Blobs;
use config::Config;
use library::Library;
use minutes::{Summariser, Templates};
use store::{Reserve, Store};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

#[cfg(feature = "worker")]
pub use self::work::own_program;
use crate::messaging::Messaging;

/// How long the parts may take to end after they were asked to.
const STOP_TIMEOUT: Duration = Duration::from_millis(4500);

/// What API and worker share.
pub struct Services {
    config: Config,
    store: Store,
    blobs: Blobs,
    messaging: Messaging,
    /// One for both, so that minutes and answers together do not drown a language model.
    summariser: Arc<Summariser>,
    templates: Arc<Templates>,
}

impl Services {
    /// Opens the data folder and brings the database's tables up to date.
    ///
    /// # Errors
    /// When the folder or the database cannot be used.
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        let summariser = Arc::new(Summariser::from_config(&config.llm)?);
        let templates = Arc::new(Templates::load(&config)?);
        let messaging = Messaging::connect(&config.redis.url)?;
        let blobs = Blobs::open(&config.storage)?;
        let store = {
            let (database, url) = (&config.database, config.database_url());
            Store::connect(&url, database.connections, database.patience(), messaging.bus()).await?
        };
        store.migrate().await?;
        let store = store.with_reserve(Reserve::new(&config.storage.data, config.storage.reserve));
        store.keep_reserve().await;
        Ok(Self { config, store, blobs, messaging, summariser, templates })
    }

    /// Runs the API, with the workers in other processes, until `stop` is cancelled.
    ///
    /// # Errors
    /// Why it ended by itself.
    pub async fn run_api(self, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
        self.in_time(&stop, self.serve(listener, None, None, stop.clone())).await
    }

    async fn serve(
        &self,
        listener: TcpListener,
        model: Option<ReadyCheck>,
        models: Option<Arc<dyn ModelManager>>,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let app = App { models, ..self.app(model, stop) };
        api::serve(listener, app, &self.config.server)
            .await
            .map_err(|error| anyhow!("the API ended by itself ({error}); start it again"))
    }

    fn app(&self, model: Option<ReadyCheck>, stop: CancellationToken) -> App {
        App {
            library: Library::new(
                self.store.clone(),
                self.blobs.clone(),
                self.messaging.queue(),
                self.messaging.bus(),
            ),
            auth: self.config.auth.clone(),
            models: None,
            llm: self.config.llm.clone(),
            summariser: Arc::clone(&self.summariser),
            chat: self.config.chat.clone(),
            chats: Arc::new(Semaphore::new(self.config.chat.concurrency)),
            templates: Arc::clone(&self.templates),
            limits: self.config.limits.clone(),
            upload_time: self.config.storage.orphan_age(),
            body_timeout: Duration::from_secs(self.config.server.body_timeout_seconds),
            small_body_timeout: Duration::from_secs(self.config.server.small_body_timeout_seconds),
            checks: iter::once(self.messaging.check(&self.store)).chain(model).collect(),
            stop,
        }
    }

    /// Waits for `parts`, and closes the database after them, but not long once they were asked to stop: leases and the
    /// log of the database make up for whatever is cut short.
    async fn in_time(
        &self,
        stop: &CancellationToken,
        parts: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let ending = async {
            parts.await?;
            self.store.close().await;
            Ok(())
        };
        let deadline = async {
            stop.cancelled().await;
            tokio::time::sleep(STOP_TIMEOUT).await;
        };
        tokio::select! {
            ended = ending => ended,
            () = deadline => {
                tracing::warn!("not everything ended in time; the work in hand is taken up again at the next start");
                Ok(())
            }
        }
    }
}

/// Listens at the configured address.
///
/// # Errors
/// When others reach that address and the configuration does not say that this is meant, when somebody else listens
/// there, or the address is not this machine's.
pub async fn listen(config: &Config) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let server = &config.server;
    server.check_exposure(&config.auth)?;
    listen_at(SocketAddr::new(server.host, server.port), "--port").await
}

async fn listen_at(address: SocketAddr, setting: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await.map_err(|error| {
        anyhow!("cannot listen on {address} ({error}); stop what listens there, or choose another port with {setting}")
    })?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
