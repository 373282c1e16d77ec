import Testing

/// Weir behind Caddy, with the configuration of the guide.
@Suite(
    .enabled(
        if: ProxyKind.caddy.installed.isInstalled,
        "caddy is not installed, so Documentation/proxies/Caddyfile is not tested"))
struct CaddyTests {
    private let checks = ProxyChecks(kind: .caddy, statusWithoutWeir: 502)

    @Test func exactlyTheLimitPasses() async throws {
        try await checks.exactlyTheLimitPasses()
    }

    @Test func eachRefusalKeepsItsStatus() async throws {
        try await checks.eachRefusalKeepsItsStatus()
    }

    @Test func onlyWeirSaysWhoCalls() async throws {
        try await checks.onlyWeirSaysWhoCalls()
    }

    @Test func nothingPassesWithoutWeir() async throws {
        try await checks.nothingPassesWithoutWeir()
    }
}
