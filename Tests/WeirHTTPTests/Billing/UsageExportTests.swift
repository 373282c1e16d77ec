import QuotaModel
import QuotaNode
import QuotaTesting
import StrictJSON
import Testing

@Suite("GET /api/admin/usage/export")
struct UsageExportTests {
    private static let path = "/api/admin/usage/export"
    private static let range = "from=2026-10-01&to=2026-12-31"
    private static let meters = ["api_calls", "ai_tokens", "cost_usd"]

    /// The rows of an export, as objects.
    private func rows(_ server: TestServer, _ query: String = range) async throws -> [JSONValue] {
        let reply = try await server.admin.get("\(Self.path)?format=jsonl&\(query)")
        #expect(reply.status == 200, "\(reply.text)")
        #expect(reply.header("Content-Type") == "application/jsonl")
        return try reply.text.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    }

    private func prepare(_ server: TestServer) async throws {
        _ = try await server.admin.post(
            "/api/admin/meters", ["id": "cost_usd", "kind": "counter", "record": "event"])
        for tenant in ["acme", "globex", "idle"] {
            _ = try await server.admin.createTenant(["id": .string(tenant)])
        }
        _ = try await server.admin.putPlan(
            "free", [.limit(1_000_000_000, "api_calls", per: "month")])
    }

    /// Use of all kinds, on several days: by event and by the hour, with and without keys, models
    /// and metadata, settled late, credited, imported.
    private func useSome(_ server: TestServer, seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let key = try await server.admin.createKey(of: "acme").id
        for step in 0..<250 {
            let tenant = ["acme", "globex"].randomElement(using: &random) ?? "acme"
            var body: JSONValue = ["tenant": .string(tenant)]
            if tenant == "acme", random.next(upperBound: UInt64(2)) == 0 {
                body = body.with("key", .string(key))
            }
            if random.next(upperBound: UInt64(2)) == 0 { body = body.with("model", "small") }
            if random.next(upperBound: UInt64(3)) == 0 {
                body = body.with("metadata", ["step": .integer(Int64(step))])
            }
            if random.next(upperBound: UInt64(3)) > 0 {
                body = body.with(
                    "charges",
                    .array(
                        Self.meters.map {
                            .charge(Int64(random.next(upperBound: UInt64(1_000)) + 1), $0)
                        }))
            }
            switch random.next(upperBound: UInt64(8)) {
            case 0:
                let held = try await server.admin.post("/api/v1/reserve", body)
                #expect(held.status == 201, "\(held.text)")
                server.clock.advance(by: .seconds(30))
                _ = try await server.admin.post(
                    "/api/v1/reservations/\(held.string("reservation_id"))/settle",
                    ["charges": [.charge(7, "api_calls")]])
            case 1:
                let meter = Self.meters.randomElement(using: &random) ?? "api_calls"
                _ = try await server.admin.adjust(
                    -Int64(random.next(upperBound: UInt64(20)) + 1), meter, tenant: tenant)
            default:
                let reply = try await server.admin.consume(body)
                #expect(reply.status == 200, "\(reply.text)")
            }
            if random.next(upperBound: UInt64(10)) == 0 {
                server.clock.advance(by: .seconds(40_000))
            }
        }
        _ = try await server.admin.importing(
            "usage",
            [
                [
                    "tenant": "globex", "meter": "api_calls", "date": "2026-10-09", "units": 31,
                    "source": "old",
                ]
            ])
        _ = try await server.admin.allocate(3, tenant: "globex")
    }

    @Test(
        "the rows add up to the ledger's sums, whatever was used",
        arguments: TestServer.Store.allCases, [1, 2] as [UInt64])
    func sums(_ store: TestServer.Store, seed: UInt64) async throws {
        try await TestServer.with(store) { server in
            try await prepare(server)
            try await useSome(server, seed: seed)
            let rows = try await rows(server)
            for tenant in ["acme", "globex", "idle"] {
                for grouping in ["meter", "day", "key", "model"] {
                    var sums: [String: (units: Int64, requests: Int64)] = [:]
                    for row in rows
                    where row["tenant"]?.stringValue == tenant && row["meter"] != "team_members" {
                        let group =
                            switch grouping {
                            case "meter": ""
                            case "day": String(row.string("admitted_at").prefix(10))
                            default: row.string(grouping)
                            }
                        let name = "\(group) \(row.string("meter"))"
                        sums[name, default: (0, 0)].units += row.integer("units")
                        sums[name, default: (0, 0)].requests += row.integer("requests")
                    }
                    let wanted = try await server.admin.items(
                        of: "/api/admin/tenants/\(tenant)/usage?\(Self.range)&group_by=\(grouping)")
                    #expect(wanted.isEmpty == (tenant == "idle"))
                    #expect(wanted.count == sums.count, "seed \(seed)")
                    for sum in wanted {
                        let group =
                            grouping == "meter"
                            ? "" : sum.string(grouping == "day" ? "date" : grouping)
                        let found = sums["\(group) \(sum.string("meter"))"]
                        #expect(found?.units == sum.integer("units"), "seed \(seed): \(sum)")
                        #expect(found?.requests == sum.integer("requests"), "seed \(seed): \(sum)")
                    }
                }
            }
            let seats = rows.filter { $0["meter"] == "team_members" }
            #expect(seats.map { $0.integer("units") } == [3])
            #expect(Set(rows.map { $0.string("kind") }) == ["event", "day"])
        }
    }

    @Test("tenants follow each other, each with its oldest first, and a filter leaves one")
    func order() async throws {
        try await TestServer.with(.memory) { server in
            try await prepare(server)
            try await useSome(server, seed: 3)
            let all = try await rows(server)
            let tenants = all.map { $0.string("tenant") }
            #expect(tenants == tenants.sorted())
            for tenant in ["acme", "globex"] {
                let mine = all.filter { $0["tenant"]?.stringValue == tenant }
                let events = mine.filter { $0["kind"] == "event" }.map { $0.string("admitted_at") }
                #expect(events == events.sorted())
                #expect(try await rows(server, "\(Self.range)&tenant=\(tenant)") == mine)
            }
            #expect(try await rows(server, "from=2020-01-01&to=2020-01-31").isEmpty)
        }
    }

    @Test(
        "goes on behind each page, and behind a booking that lies on two",
        arguments: TestServer.Store.allCases)
    func pages(_ store: TestServer.Store) async throws {
        try await TestServer.with(store) { server in
            try await prepare(server)
            for _ in 0..<7 {
                let items: [JSONValue] = (0..<150)
                    .map { _ in
                        [
                            "tenant": "acme",
                            "charges": [.charge(2, "ai_tokens"), .charge(5, "cost_usd")],
                        ]
                    }
                _ = try await server.admin.batch("consume", items)
            }
            let rows = try await rows(server)
            #expect(rows.count == 2_100)
            let ids = Set(rows.map { $0.string("id") + " " + $0.string("meter") })
            #expect(ids.count == 2_100)
        }
    }

    @Test("each figure of a request stands in one row: the tokens in that of its money")
    func request() async throws {
        try await TestServer.with(.sqlite) { server in
            try await prepare(server)
            let held = try await server.admin.post(
                "/api/v1/reserve",
                [
                    "tenant": "acme", "model": "small",
                    "charges": [
                        .charge(1, "api_calls"), .charge(90, "ai_tokens"),
                        .charge(400_000, "cost_usd"),
                    ],
                ])
            let note = """
                {"decision_id":"d_1","request_id":"q","endpoint":"chat.completions",\
                "backend":"127.0.0.1:9001/v1","outcome":"completed","estimated":false,\
                "input_tokens":30,"cached_input_tokens":4,"output_tokens":12,\
                "reasoning_tokens":2,"cost":"0.000123","currency":"USD","prices":"v7"}
                """
            _ = try await server.node.settle(
                ReservationID(trusted: held.string("reservation_id")),
                charges: [
                    Charge(meter: MeterID(trusted: "api_calls"), amount: 1),
                    Charge(meter: MeterID(trusted: "ai_tokens"), amount: 42),
                    Charge(meter: MeterID(trusted: "cost_usd"), amount: 123_000),
                ], note: note, tenant: nil)
            let rows = try await rows(server)
            #expect(rows.map { $0.string("meter") } == ["ai_tokens", "cost_usd", "api_calls"])
            let (tokens, money, calls) = (rows[0], rows[1], rows[2])
            #expect(calls["kind"] == "day")
            for row in [tokens, money] {
                #expect(row["decision_id"] == "d_1")
                #expect(row["outcome"] == "completed")
                #expect(row["estimated"] == false)
                #expect(row["backend"] == "127.0.0.1:9001/v1")
            }
            #expect(tokens["units"] == 42)
            #expect(tokens["input_tokens"] == .null)
            #expect(tokens["cost"] == .null)
            #expect(money["cost"] == "0.000123")
            #expect(money["currency"] == "USD")
            #expect(money["prices"] == "v7")
            #expect(money["input_tokens"] == 30)
            #expect(money["cached_input_tokens"] == 4)
            #expect(money["output_tokens"] == 12)
            #expect(money["reasoning_tokens"] == 2)
        }
    }

    @Test("a table is quoted, and no text in it is a formula")
    func csv() async throws {
        try await TestServer.with(.memory) { server in
            try await prepare(server)
            let tenant = "=1+cmd|' /C calc'!A0"
            let model = "a,\"b\""
            _ = try await server.admin.createTenant(["id": .string(tenant)])
            let reply = try await server.admin.consume([
                "tenant": .string(tenant), "model": .string(model),
                "charges": [.charge(5, "cost_usd")],
                "metadata": [
                    "decision_id": "@d", "outcome": "line\r\nbreak", "request_id": "+1",
                    "endpoint": "-x", "backend": "\t=x",
                ],
            ])
            #expect(reply.status == 200, "\(reply.text)")
            _ = try await server.admin.adjust(-4, "cost_usd", tenant: tenant)
            let table = try await server.admin.get("\(Self.path)?\(Self.range)")
            #expect(table.header("Content-Type") == "text/csv; charset=utf-8")
            let lines = Self.parse(table.text)
            #expect(lines.count == 3, "\(table.text)")
            let header = lines[0]
            let tables = lines.dropFirst()
                .map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
            let cells = try #require(tables.first { $0["units"] == "5" })
            #expect(cells["tenant"] == "'" + tenant)
            #expect(cells["model"] == model)
            #expect(cells["decision_id"] == "'@d")
            #expect(cells["outcome"] == "line\r\nbreak")
            #expect(cells["request_id"] == "'+1")
            #expect(cells["endpoint"] == "'-x")
            #expect(cells["backend"] == "'\t=x")
            #expect(cells["cost"] == "0.000000005")
            // A credit is a number, and no formula.
            let credit = try #require(tables.first { $0["units"] == "-4" })
            #expect(credit["cost"] == "-0.000000004")
            // The same as lines of JSON, but for the apostrophes.
            let rows = try await rows(server)
            #expect(rows.map { $0.string("tenant") } == [tenant, tenant])
            #expect(rows[0].objectValue?.members.map(\.name) == header)
        }
    }

    @Test("wrong questions are refused, and HEAD reads nothing")
    func questions() async throws {
        let server = try await TestServer()
        for query in [
            "from=2026-13-01", "to=yesterday", "from=2026-12-01&to=2026-11-01", "format=xml",
            "tenant=", "meter=api_calls",
        ] {
            expectProblem(try await server.admin.get("\(Self.path)?\(query)"), 422, "\(query)")
        }
        let head = try await server.admin.send("HEAD", Self.path)
        #expect(head.status == 200)
        #expect(head.bytes.isEmpty)
    }

    /// Reads a table as RFC 4180 has it.
    private static func parse(_ text: String) -> [[String]] {
        var (lines, line, cell) = ([[String]](), [String](), [UInt8]())
        var (isQuoted, wasQuote) = (false, false)
        for byte in text.utf8 {
            if isQuoted {
                if wasQuote {
                    wasQuote = false
                    if byte == UInt8(ascii: "\"") {
                        cell.append(byte)
                        continue
                    }
                    isQuoted = false
                } else if byte == UInt8(ascii: "\"") {
                    wasQuote = true
                    continue
                } else {
                    cell.append(byte)
                    continue
                }
            }
            switch byte {
            case UInt8(ascii: "\""): isQuoted = true
            case UInt8(ascii: ","):
                line.append(String(decoding: cell, as: UTF8.self))
                cell = []
            case 13: break
            case 10:
                line.append(String(decoding: cell, as: UTF8.self))
                lines.append(line)
                (line, cell) = ([], [])
            default: cell.append(byte)
            }
        }
        return lines
    }
}
