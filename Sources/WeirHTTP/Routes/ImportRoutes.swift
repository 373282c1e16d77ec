import HTTPTypes
import Hummingbird
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON

/// `/api/admin/import`: tenants, keys, what they hold and used in another system, many at once.
struct ImportRoutes: Sendable {
    /// The most items of one request.
    static let maximumItems = 10_000
    /// The largest body: 4 MiB.
    static let maximumBodyBytes = 4_194_304

    private enum Kind: String, CaseIterable {
        case tenants
        case keys
        case allocations
        case usage
        case grants
    }

    let routes: APIRoutes

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.addAdmin(.post, "/api/admin/import", to: router, take)
    }

    private func take(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        let json = try await request.json(maximumBytes: Self.maximumBodyBytes)
        var body = try BodyReader(json)
        let kind = try body.required(try body.choice("kind", Kind.self), "kind")
        let onConflict = try body.choice("on_conflict", ImportConflict.self) ?? .skip
        let values = try body.required(try body.array("items"), "items")
        let reason = try request.reason(&body)
        try body.finish()
        guard (1...Self.maximumItems).contains(values.count) else {
            throw body.invalid("items", "must have 1 to \(Self.maximumItems) elements")
        }
        let draft = routes.draft("import.\(kind.rawValue)", reason: reason)
        let result: ImportResult
        switch kind {
        case .tenants:
            let now = node.now
            result = try await take(values) { body throws(Problem) in
                try Self.tenant(&body, now: now)
            } into: { items async throws(NodeError) in
                try await node.importTenants(
                    items.map { (index: $0.index, tenant: $0.item) },
                    onConflict: onConflict, note: draft)
            }
        case .keys:
            let (meters, now) = (node.meters, node.now)
            result = try await take(values) { body throws(Problem) in
                try Self.key(&body, meters: meters, now: now)
            } into: { items async throws(NodeError) in
                try await node.importKeys(
                    items.map { (index: $0.index, key: $0.item) },
                    onConflict: onConflict, note: draft)
            }
        case .allocations:
            result = try await take(values, Self.allocation) { items async throws(NodeError) in
                try await node.importAllocations(
                    items.map { (index: $0.index, allocation: $0.item) },
                    onConflict: onConflict, note: draft)
            }
        case .usage:
            let today = node.now.date
            result = try await take(values) { body throws(Problem) in
                try Self.usage(&body, today: today)
            } into: { items async throws(NodeError) in
                try await node.importUsage(
                    items.map { (index: $0.index, usage: $0.item) }, note: draft)
            }
        case .grants:
            let now = node.now
            result = try await take(values) { body throws(Problem) in
                try Self.grant(&body, now: now)
            } into: { items async throws(NodeError) in
                try await node.importTopUps(
                    items.map { (index: $0.index, topUp: $0.item) }, note: draft)
            }
        }
        routes.logChange("import.\(kind.rawValue)", "\(result.created) new", reason: reason)
        return Self.answer(result)
    }

    /// Imports the items that can be read, and says what is wrong with the others.
    private func take<Item>(
        _ values: [JSONValue],
        _ parse: (inout BodyReader) throws(Problem) -> Item,
        into load: ([(index: Int, item: Item)]) async throws(NodeError) -> ImportResult
    ) async throws(Problem) -> ImportResult {
        let (taken, failed) = read(values, parse)
        var result = try await routes.asking { () async throws(NodeError) in
            try await load(taken)
        }
        result.failed = (result.failed + failed).sorted { $0.index < $1.index }
        return result
    }

    /// The items that can be read, and what is wrong with the others.
    private func read<Item>(
        _ values: [JSONValue],
        _ parse: (inout BodyReader) throws(Problem) -> Item
    ) -> (taken: [(index: Int, item: Item)], failed: [(index: Int, detail: String)]) {
        var taken: [(index: Int, item: Item)] = []
        var failed: [(index: Int, detail: String)] = []
        taken.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            do throws(Problem) {
                var body = try BodyReader(value)
                let item = try parse(&body)
                try body.finish()
                taken.append((index, item))
            } catch {
                failed.append((index, error.detail))
            }
        }
        return (taken, failed)
    }

    private static func tenant(
        _ body: inout BodyReader,
        now: Timestamp
    ) throws(Problem) -> Tenant {
        let id = try body.required(try body.identifier("id", TenantID.self), "id")
        let createdAt = try body.timestamp("created_at") ?? now
        var tenant = Tenant(id: id, createdAt: createdAt)
        let plan = try TenantBody.apply(&body, to: &tenant)
        // What another system knows of the past is the present here.
        let now = createdAt
        tenant.firstPlan = plan.plan ?? .fallback
        if case .some(let trial?) = plan.trial {
            let after = plan.scheduled.flatMap { $0?.plan } ?? tenant.firstPlan
            tenant.firstPlan = trial.plan.canonical
            tenant.setPlan(after.canonical, since: trial.at, now: now, reason: .trialEnd)
        } else if case .some(let scheduled?) = plan.scheduled {
            tenant.setPlan(scheduled.plan.canonical, since: scheduled.at, now: now)
        }
        return tenant
    }

    private static func key(
        _ body: inout BodyReader,
        meters: [MeterID: Meter],
        now: Timestamp
    ) throws(Problem) -> ImportedKey {
        // What an export shows besides may be sent back.
        for name in ["last_used_at", "previous_secret_expires_at"] { _ = body.value(name) }
        let tenant = try body.identifier("tenant", TenantID.self)
        // A row that forgets its tenant must not become a key for all of them.
        let isService = try body.bool("service") ?? false
        if isService == (tenant != nil) {
            throw body.invalid(
                "tenant",
                isService
                    ? "must be left out of a service key" : "is required, or \"service\":true")
        }
        let id = try body.identifier("id", APIKeyID.self)
        if id == .service { throw body.invalid("id", "is the name of use without a key") }
        let status = try body.choice("status", APIKey.Status.self) ?? .active
        let key = APIKey(
            id: id ?? APIKeyID(trusted: ""),
            tenant: tenant,
            name: try body.name("name") ?? id?.text ?? "imported",
            // A key expires by its time, not by its status.
            status: status == .expired ? .active : status,
            isTest: try body.bool("test") ?? false,
            limits: try LimitBody.limits(&body, meters: meters, owner: .key) ?? [],
            createdAt: try body.timestamp("created_at") ?? now,
            expiresAt: try body.timestamp("expires_at"))
        if tenant == nil, !key.limits.isEmpty {
            throw body.invalid("limits", "are for keys of a tenant")
        }
        guard let value = body.value("credential") else {
            return ImportedKey(key: key, credential: nil)
        }
        return ImportedKey(key: key, credential: try credential(value))
    }

    private static func credential(_ value: JSONValue) throws(Problem) -> KeyCredential {
        let place = JSONPointer.root.member("credential")
        var body = try BodyReader(value, at: place)
        let publicID = try body.required(try body.string("public_id"), "public_id")
        let (digest, version) = try secret(&body)
        var previous: KeyCredential.Previous?
        if let value = body.value("previous") {
            var body = try BodyReader(value, at: place.member("previous"))
            let (digest, version) = try secret(&body)
            previous = KeyCredential.Previous(
                digest: digest, pepperVersion: version,
                expiresAt: try body.required(try body.timestamp("expires_at"), "expires_at"))
            try body.finish()
        }
        try body.finish()
        let isPublicID =
            publicID.utf8.count == 12
            && publicID.utf8.allSatisfy { Character(Unicode.Scalar($0)).isLetterOrDigit }
        guard isPublicID else {
            throw body.invalid("public_id", "must be 12 letters and digits")
        }
        return KeyCredential(
            publicID: publicID, digest: digest, pepperVersion: version, previous: previous)
    }

    /// What verifies a secret.
    private static func secret(
        _ body: inout BodyReader
    ) throws(Problem) -> (digest: [UInt8], pepperVersion: Int64) {
        let text = try body.required(try body.string("digest"), "digest")
        let version = try body.required(
            try body.integer("pepper_version", in: 1...Int64(Int32.max)), "pepper_version")
        guard let digest = Hexadecimal.decode(text), digest.count == 32 else {
            throw body.invalid("digest", "must be 64 hexadecimal digits")
        }
        return (digest, version)
    }

    private static func allocation(
        _ body: inout BodyReader
    ) throws(Problem) -> ImportedAllocation {
        ImportedAllocation(
            tenant: try body.required(try body.identifier("tenant", TenantID.self), "tenant"),
            meter: try body.required(try body.identifier("meter", MeterID.self), "meter"),
            units: try body.required(try body.integer("units", in: 0...Amount.maximum), "units"))
    }

    private static func grant(
        _ body: inout BodyReader,
        now: Timestamp
    ) throws(Problem) -> ImportedTopUp {
        let id = try body.required(try body.identifier("id", TopUpID.self), "id")
        guard id.text.hasPrefix("g_") else {
            throw body.invalid("id", "must begin with g_, as the ids of grants do")
        }
        let priority = try body.integer(
            "priority",
            in: Int64(TopUp.priorities.lowerBound)...Int64(TopUp.priorities.upperBound))
        // Of top-ups that are alike the older is used first.
        let createdAt = try body.timestamp("created_at") ?? now
        if createdAt > now { throw body.invalid("created_at", "must not lie in the future") }
        let reason = try body.string("reason")
        if let reason, reason.utf8.count > APIRequest.maximumReasonBytes {
            throw body.invalid("reason", "must be at most \(APIRequest.maximumReasonBytes) bytes")
        }
        if reason?.utf8.contains(0) == true {
            throw body.invalid("reason", "must not contain U+0000")
        }
        return ImportedTopUp(
            tenant: try body.required(try body.identifier("tenant", TenantID.self), "tenant"),
            meter: try body.required(try body.identifier("meter", MeterID.self), "meter"),
            window: try body.required(try body.choice("window", Window.self), "window"),
            topUp: TopUp(
                id: id,
                granted: try body.required(
                    try body.integer("units", in: 1...Amount.maximum), "units"),
                priority: priority.map { Int($0) } ?? TopUp.planPriority,
                expiresAt: try body.timestamp("expires_at"), grantedAt: createdAt, reason: reason))
    }

    private static func usage(
        _ body: inout BodyReader,
        today: CivilDate
    ) throws(Problem) -> ImportedUsage {
        let tenant = try body.identifier("tenant", TenantID.self)
        let key = try body.identifier("key", APIKeyID.self)
        if tenant == nil, key == nil { throw body.invalid("tenant", "or \"key\" is required") }
        let text = try body.required(try body.string("date"), "date")
        guard let date = CivilDate(text), date.year >= 1970, date <= today else {
            throw body.invalid("date", "must be a date from 1970 until today such as 2026-04-09")
        }
        return ImportedUsage(
            tenant: tenant,
            key: key,
            model: try body.identifier("model", ModelName.self),
            meter: try body.identifier("meter", MeterID.self) ?? Meter.apiCalls.id,
            date: date,
            units: try body.required(try body.integer("units", in: 1...Amount.maximum), "units"),
            lastRequestAt: try body.timestamp("last_request_at"),
            source: try body.name("source") ?? "import")
    }

    private static func answer(_ result: ImportResult) -> APIAnswer {
        .json { writer in
            writer.member("created", Int64(result.created))
            writer.member("updated", Int64(result.updated))
            writer.member("skipped", Int64(result.skipped))
            writer.array("failed") { writer in
                for failure in result.failed {
                    writer.object { writer in
                        writer.member("index", Int64(failure.index))
                        writer.member("detail", failure.detail)
                    }
                }
            }
            writer.member("warnings", result.warnings)
            writer.array("keys") { writer in
                for issued in result.keys {
                    writer.object { writer in
                        writer.member("id", issued.id.text)
                        writer.member("key", issued.text)
                    }
                }
            }
        }
    }
}

extension Character {
    fileprivate var isLetterOrDigit: Bool { isASCII && (isLetter || isNumber) }
}
