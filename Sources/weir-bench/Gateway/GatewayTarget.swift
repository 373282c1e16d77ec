/// A server that is loaded: where it listens, and whose processor time counts.
struct GatewayTarget: Sendable {
    /// For example `nginx`.
    let name: String
    let url: String
    let process: Int32
    let credential: String
}
