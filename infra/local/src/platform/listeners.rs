//! The ports of a system, all on the loopback address.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use super::{Config, StartError};

/// Where a system listens.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The API and this system's own pages.
    pub api: SocketAddr,
    /// DynamoDB.
    pub dynamodb: SocketAddr,
    /// S3.
    pub s3: SocketAddr,
    /// SES.
    pub ses: SocketAddr,
    /// EventBridge.
    pub eventbridge: SocketAddr,
    /// Textract.
    pub textract: SocketAddr,
    /// The stand-in for Google.
    pub google: SocketAddr,
    /// The stand-in for RentCast.
    pub rentcast: SocketAddr,
    /// The stand-in for Stripe; none if the real one is used.
    pub stripe: Option<SocketAddr>,
}

impl Addresses {
    /// The API's address for a browser. Cookies and origins tell `localhost` and `127.0.0.1` apart.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("http://localhost:{}", self.api.port())
    }
}

/// Everything that is listened on.
pub(super) struct Listeners {
    pub(super) api: TcpListener,
    pub(super) dynamodb: TcpListener,
    pub(super) s3: TcpListener,
    pub(super) ses: TcpListener,
    pub(super) eventbridge: TcpListener,
    pub(super) textract: TcpListener,
    pub(super) google: TcpListener,
    pub(super) rentcast: TcpListener,
    pub(super) stripe: Option<TcpListener>,
    pub(super) addresses: Addresses,
}

impl Listeners {
    pub(super) async fn bind(config: &Config) -> Result<Self, StartError> {
        let ports = config.ports;
        let api = bind(ports.api, "--port").await?;
        let dynamodb = bind(ports.dynamodb, "--dynamodb-port").await?;
        let s3 = bind(ports.s3, "--s3-port").await?;
        let ses = bind(0, "any").await?;
        let eventbridge = bind(0, "any").await?;
        let textract = bind(0, "any").await?;
        let google = bind(0, "any").await?;
        let rentcast = bind(0, "any").await?;
        let stripe = match config.stripe {
            None => Some(bind(ports.stripe, "--stripe-port").await?),
            Some(_) => None,
        };
        let addresses = Addresses {
            api: api.local_addr()?,
            dynamodb: dynamodb.local_addr()?,
            s3: s3.local_addr()?,
            ses: ses.local_addr()?,
            eventbridge: eventbridge.local_addr()?,
            textract: textract.local_addr()?,
            google: google.local_addr()?,
            rentcast: rentcast.local_addr()?,
            stripe: stripe.as_ref().map(TcpListener::local_addr).transpose()?,
        };
        Ok(Self {
            api,
            dynamodb,
            s3,
            ses,
            eventbridge,
            textract,
            google,
            rentcast,
            stripe,
            addresses,
        })
    }
}

async fn bind(port: u16, option: &'static str) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => StartError::PortInUse { port, option },
            _ => StartError::Port { port, option, source },
        })
}
