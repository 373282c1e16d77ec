import ArgumentParser
import StrictJSON
import WeirClient

extension QuotaCommand {
    /// `weir quota usage`.
    struct Usage: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what tenants used on a date.",
            discussion: """
                EXCEEDED stands where a budget of the meter is used up.

                Example:
                  weir quota usage --date 2026-04-09 --limit 20
                """)

        @Option(help: "The UTC date (today).")
        var date: String?

        @Option(help: "The meter (api_calls).")
        var meter: String?

        @Option(help: "How many tenants to pass over.")
        var offset: Int?

        @OptionGroup var list: ListOptions

        func validate() throws {
            guard (offset ?? 0) >= 0, (offset ?? 0) <= Int(Int32.max) else {
                throw ValidationError("--offset must be from 0 to 2147483647.")
            }
        }

        func call() -> Call {
            Call.admin(.get, "quota", "usage").asking("date_str", date).asking("meter", meter)
        }

        func run() async throws {
            let walk = UsageWalk(call(), limit: list.rows, offset: offset)
            let done = try await list.show.connection.open { session in
                var walk = walk
                while let next = walk.next { walk.take(try await session.value(of: next)) }
                return walk
            }
            if list.show.json {
                Terminal.show(SafeJSON.line(done.merged))
            } else {
                Terminal.show(done.text)
            }
        }
    }
}

/// Goes through the pages of the day's usage and joins them.
struct UsageWalk: Sendable {
    private let call: Call
    private var remaining: Int?
    private let offset: Int?
    private var cursor: String?
    private var last: JSONValue?
    private var tenants: [(id: String, value: JSONValue)] = []
    private var isAtEnd = false

    /// A walk of at most `limit` tenants, nil for all, after passing over `offset` of them.
    init(_ call: Call, limit: Int?, offset: Int?) {
        self.call = call
        remaining = limit
        self.offset = offset
    }

    /// The next page's call; nil when the walk is over.
    var next: Call? {
        guard !isAtEnd, remaining != 0 else { return nil }
        let size = min(remaining ?? PageWalk.largestPage, PageWalk.largestPage)
        // A cursor and an offset exclude each other: the offset is for the first page.
        return call.asking("limit", "\(size)").asking("cursor", cursor)
            .asking("offset", cursor == nil ? offset.map { "\($0)" } : nil)
    }

    /// Adds a page.
    mutating func take(_ answer: JSONValue) {
        let rows = answer["tenants"]?.objectValue?.members ?? []
        tenants += rows.map { ($0.name, $0.value) }
        remaining = remaining.map { max(0, $0 - rows.count) }
        cursor = answer["statistics"]?["next_cursor"]?.stringValue
        isAtEnd = cursor == nil || rows.isEmpty
        last = answer
    }

    /// All pages as one answer of the server: the tenants of all, the statistics of the last.
    var merged: JSONValue {
        guard let last, case .object(var answer) = last else { return .null }
        var writer = JSONWriter()
        writer.object { writer in
            for tenant in tenants { writer.member(named: tenant.id, tenant.value) }
        }
        // Put together as text: adding a member to an object looks at all before it.
        answer["tenants"] = (try? JSONValue(parsing: writer.bytes)) ?? .null
        return .object(answer)
    }

    /// A table and the totals.
    var text: String {
        var table = TextTable([("tenant", .left), ("units", .right)])
        for tenant in tenants {
            table.add([SafeText.line(tenant.id), MemberTable.cell(tenant.value)])
        }
        let statistics = last?["statistics"]
        let date = MemberTable.cell(last?["date"])
        let total = MemberTable.cell(statistics?["total_tenants"])
        let exceeded = MemberTable.cell(statistics?["exceeded_tenants"])
        return table.text + "\n\(date): \(total) tenants, \(exceeded) of them exceeded\n"
            + (isAtEnd ? "" : "There are more: --limit N or --all shows them.\n")
    }
}
