//! The processes that share the database.

use crate::call::Call;
use crate::refused::Refused;
use domain::nodes::NodeName;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use reads::list;

/// Sends everybody who is at a node elsewhere.
#[server(prefix = "/do/operator", endpoint = "drain-node", protocol = Call)]
pub async fn drain_node(name: NodeName) -> Result<(), Refused> {
    let (backend, actor) = body::operator()?;
    backend::nodes::drain(&backend, &actor, &name).await?;
    body::back_with("node-drained");
    Ok(())
}

/// Lets a node serve again.
#[server(prefix = "/do/operator", endpoint = "undrain-node", protocol = Call)]
pub async fn undrain_node(name: NodeName) -> Result<(), Refused> {
    let (backend, actor) = body::operator()?;
    backend::nodes::undrain(&backend, &actor, &name).await?;
    body::back_with("node-undrained");
    Ok(())
}

/// Forgets a node that has stopped.
#[server(prefix = "/do/operator", endpoint = "remove-node", protocol = Call)]
pub async fn remove_node(name: NodeName) -> Result<(), Refused> {
    let (backend, actor) = body::operator()?;
    backend::nodes::remove(&backend, &actor, &name).await?;
    body::back_with("node-removed");
    Ok(())
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::nodes;
    use domain::error::Refusal;
    use domain::nodes::NodeInfo;

    /// Every node.
    pub async fn list() -> Result<Vec<NodeInfo>, Refusal> {
        let (backend, who) = asker()?;
        nodes::list(&backend, &(&who).into()).await
    }
}

#[cfg(feature = "ssr")]
mod body {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::{Actor, Backend};
    use domain::error::Refusal;
    use domain::people::Role;

    pub(super) fn operator() -> Result<(Backend, Actor), Refusal> {
        let request = context::request();
        let actor = request.require(Role::Operator)?.into();
        Ok((request.backend, actor))
    }

    pub(super) fn back_with(notice: &str) {
        go_to(&with_notice(&at::operator_nodes(), notice));
    }
}
