//! The binary `latchkey`: command line, HTTP, pages.

// A page is one nested type, a level for every element.
#![recursion_limit = "512"]

mod page;
mod router;
mod site;

use backend::{Backend, Config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let backend = Backend::open(Config::new("data", None)).await?;
    let app = router::router(backend, true);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
