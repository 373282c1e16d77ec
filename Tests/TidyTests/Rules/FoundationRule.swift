/// The core does without Foundation: it is large, and brings clocks, locales and formatters.
enum FoundationRule {
    static let why = """
        QuotaModel and QuotaEngine are pure Swift: small, fast to start, the same on every \
        platform. QuotaCalendar needs Foundation for time zones, in one file and nowhere else. \
        Move what needs it to that file or up to the edge.
        """

    /// How many files of a target may import Foundation; targets not named here are free.
    static let allowances = ["QuotaModel": 0, "QuotaEngine": 0, "QuotaCalendar": 1]

    private static let modules: Set<String> = [
        "Foundation", "FoundationEssentials", "FoundationInternationalization",
        "FoundationNetworking",
    ]

    static func findings(in files: [SourceFile]) -> [Finding] {
        allowances.keys.sorted()
            .flatMap { target in
                let importers = files.filter { $0.isSwift && $0.sourceTarget == target }
                    .compactMap { finding(in: $0) }
                return importers.count > allowances[target, default: 0] ? importers : []
            }
    }

    private static func finding(in file: SourceFile) -> Finding? {
        ImportStatement.all(in: file).first { modules.contains($0.module) }
            .map { statement in
                Finding(path: file.path, line: statement.line, what: "imports \(statement.module)")
            }
    }
}
