import Webhooks

/// Knows a few hosts, and addresses.
struct StandInResolver: HostResolver {
    static let hosts = [
        "hooks.example.com": "93.184.215.14", "inside.example.com": "10.1.2.3",
        "metadata.example.com": "169.254.169.254", "localhost": "127.0.0.1",
    ]

    func addresses(of host: String) async throws(HostResolverError) -> [IPAddress] {
        guard let address = IPAddress(Self.hosts[host] ?? host) else {
            throw .failed("Name or service not known")
        }
        return [address]
    }
}
