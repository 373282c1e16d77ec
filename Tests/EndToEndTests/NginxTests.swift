import Testing

/// Weir behind nginx, with the configuration of the guide.
@Suite(
    .enabled(
        if: ProxyKind.nginx.installed.isInstalled,
        "nginx is not installed, so Documentation/proxies/nginx.conf is not tested"))
struct NginxTests {
    private let checks = ProxyChecks(kind: .nginx, statusWithoutWeir: 503)

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
