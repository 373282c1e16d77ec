/// Where the next connection goes, by a configuration.
///
/// It belongs to its event loop.
final class EndpointSource {
    private let connector: Connector
    private var next = 0
    /// The sentinel that answered last is asked first, as some may be out of reach for long.
    private var sentinels: [RESPEndpoint]

    init(_ connector: Connector) {
        self.connector = connector
        sentinels = connector.configuration.endpoints
    }

    /// Asks the sentinels, or takes the next of the servers.
    ///
    /// - Parameters:
    ///   - known: Servers that are not configured, and were found since.
    ///   - completion: Is told the endpoint, at once or later.
    func find(
        known: [RESPEndpoint] = [],
        completion: @escaping (Result<RESPEndpoint, RESPError>) -> Void
    ) {
        if let master = connector.configuration.sentinelMaster {
            SentinelSearch.start(for: master, among: sentinels, by: connector) { [self] result in
                if case .success(let found) = result {
                    sentinels.removeAll { $0 == found.sentinel }
                    sentinels.insert(found.sentinel, at: 0)
                }
                completion(result.map(\.master))
            }
            return
        }
        let configured = connector.configuration.endpoints
        let all = configured + known.filter { !configured.contains($0) }
        next += 1
        completion(.success(all[(next - 1) % all.count]))
    }
}
