//! What a machine bears: a server that reads no request, and keeps a row of octets for each before its
//! reply, in SQLite with `synchronous=FULL`. Rows that come together share a sync. Where there is no folder
//! for them it keeps nothing.

use std::convert::Infallible;
use std::path::Path;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rusqlite::Connection;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

/// What is kept for each request.
const ROW: [u8; 300] = [0x55; 300];

/// How many rows share a sync at most.
const BATCH: usize = 256;

/// Serves until the process ends. The address is printed first.
pub fn serve(folder: Option<&Path>) {
    let rows = folder.map(|folder| {
        let (rows, waiting) = mpsc::channel(4096);
        let path = folder.join("limit.db");
        std::thread::spawn(move || keep(&path, waiting));
        rows
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let rows = rows.clone();
            let service = service_fn(move |_| {
                let rows = rows.clone();
                async move {
                    if let Some(rows) = rows {
                        let (kept, is_kept) = oneshot::channel();
                        rows.send(kept).await.unwrap();
                        is_kept.await.unwrap();
                    }
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"accepted"))))
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
}

/// Keeps a row for each that waits, and tells it then.
fn keep(path: &Path, mut waiting: mpsc::Receiver<oneshot::Sender<()>>) {
    let database = Connection::open(path).unwrap();
    database.pragma_update(None, "journal_mode", "wal").unwrap();
    database.pragma_update(None, "synchronous", "full").unwrap();
    database.execute_batch("CREATE TABLE kept (id INTEGER PRIMARY KEY, octets BLOB)").unwrap();
    let mut batch = Vec::new();
    while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
        database.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut insert = database.prepare_cached("INSERT INTO kept (octets) VALUES (?1)").unwrap();
        batch.iter().for_each(|_| assert_eq!(insert.execute([ROW]).unwrap(), 1));
        drop(insert);
        database.execute_batch("COMMIT").unwrap();
        batch.drain(..).for_each(|kept| kept.send(()).unwrap_or_default());
    }
}
