import NIOCore
import NIOSSL

/// Where a backend is, and what its requests begin with.
struct UpstreamTarget: Sendable {
    /// The name or address.
    let host: String
    /// The port.
    let port: Int
    /// What the connection is encrypted with; nil for plain HTTP.
    let tls: NIOSSLContext?
    /// What stands before the path of each request, for example `/v1`.
    let basePath: String
    /// The value of the field `Authorization`; nil for none.
    let authorization: String?

    /// The value of the field `Host`.
    let hostField: String

    /// The target of a backend.
    ///
    /// - Parameters:
    ///   - backend: what the operator has set.
    ///   - tls: what connections are encrypted with, where the address says so.
    init(_ backend: BackendConfiguration, _ tls: NIOSSLContext?) {
        host = backend.address.host
        port = backend.address.port
        self.tls = backend.address.scheme == .https ? tls : nil
        basePath = backend.address.basePath
        authorization = backend.apiKey.map { "Bearer \($0.text)" }
        hostField = backend.address.authority
    }
}
