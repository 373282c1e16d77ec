import QuotaLedger
import QuotaNode

extension TestServer {
    /// Starts a server that knows only the tenants that somebody created.
    init(createsTenants: Bool) async throws {
        var settings = NodeSettings()
        settings.createsTenants = createsTenants
        try await self.init(settings: settings)
    }
}

extension LedgerError {
    /// What a ledger says whose disk is gone.
    static var gone: LedgerError { LedgerError(.broken, "the disk is gone") }
}
