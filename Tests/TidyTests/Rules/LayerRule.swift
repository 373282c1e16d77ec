/// Imports point down.
enum LayerRule {
    static let why = """
        The core must not know what stands on it: LayerRule.allowed is the map, lowest first. \
        Move the code down to where it is needed, or pass what is missing as a protocol or a \
        closure. A new target gets a line of its own.
        """

    private static let core = ["QuotaModel", "QuotaCalendar", "QuotaEngine", "QuotaLedger"]
    private static let formats = ["StrictJSON", "LLMWire", "PrometheusExposition"]
    private static let front = core + formats + ["QuotaNode"]
    private static let stores = ["LedgerSQLite", "LedgerPostgres", "UsageJournal"]
    private static let top =
        front + ["LedgerSQLite", "WeirHTTP", "WeirServer", "WeirClient", "MockBackend"]

    /// What each target may import of ours; stores and nodes do not know each other.
    static let allowed: [(target: String, imports: [String])] = [
        ("QuotaModel", []),
        ("QuotaCalendar", ["QuotaModel"]),
        ("QuotaEngine", ["QuotaModel", "QuotaCalendar"]),
        ("QuotaLedger", ["QuotaModel", "QuotaCalendar", "QuotaEngine"]),
        ("LedgerSQL", core),
        ("LedgerSQLite", core + ["LedgerSQL"]),
        ("RESPWire", []),
        ("PostgresWire", []),
        ("LedgerPostgres", core + ["LedgerSQL", "PostgresWire"]),
        ("UsageJournal", []),
        ("QuotaNode", core + ["UsageJournal"]),
        ("QuotaTesting", core + ["QuotaNode", "UsageJournal"]),
        ("EmbeddedNode", core + stores + ["QuotaNode"]),
        ("StrictJSON", []),
        ("LLMWire", []),
        ("PrometheusExposition", []),
        ("Webhooks", ["QuotaModel"]),
        ("WeirHTTP", front + ["Webhooks"]),
        ("Gateway", front + ["WeirHTTP"]),
        ("WeirServer", front + stores + ["EmbeddedNode", "Gateway", "WeirHTTP", "Webhooks"]),
        ("Weir", front + stores + ["EmbeddedNode"]),
        ("WeirHummingbird", ["QuotaModel", "Weir", "WeirHTTP"]),
        ("MockBackend", ["StrictJSON"]),
        ("WeirClient", []),
        ("RealServers", ["WeirClient"]),
        ("WeirCommand", top),
        (
            "weir-bench",
            top + [
                "EmbeddedNode", "LedgerPostgres", "PostgresWire", "QuotaTesting", "RealServers",
                "UsageJournal",
            ]
        ),
        ("weir-simulate", core + ["QuotaTesting"]),
    ]

    static func findings(in file: SourceFile) -> [Finding] {
        guard file.isSwift, let target = file.sourceTarget else { return [] }
        guard let entry = allowed.first(where: { $0.target == target }) else {
            return [Finding(path: file.path, what: "target \(target) is not on the map")]
        }
        let ours = Set(allowed.map(\.target))
        return ImportStatement.all(in: file)
            .filter { ours.contains($0.module) && !entry.imports.contains($0.module) }
            .map { statement in
                let what = "\(target) imports \(statement.module)"
                return Finding(path: file.path, line: statement.line, what: what)
            }
    }
}
