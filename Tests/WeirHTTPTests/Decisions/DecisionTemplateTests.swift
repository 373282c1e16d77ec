import QuotaModel
import QuotaTesting
import StrictJSON
import Testing

@testable import WeirHTTP

/// What is written once and used again gives the bytes that are written anew each time.
@Suite("templates")
struct DecisionTemplateTests {
    private static func instant(_ random: inout SeededRandom) -> Timestamp {
        let seconds = Int64.random(in: -9_000_000_000...9_000_000_000, using: &random)
        let fraction: Int64 =
            [0, 123_000_000, 1, 1_000, 999_999_999].randomElement(using: &random) ?? 0
        return Timestamp(nanoseconds: seconds * 1_000_000_000 + fraction)
    }

    private static func amount(_ random: inout SeededRandom) -> Int64 {
        let bound: Int64 = [0, 9, 10, 1_000, Amount.maximum].randomElement(using: &random) ?? 0
        return Int64.random(in: 0...bound, using: &random)
    }

    /// A limit like `other` but for its numbers, or any limit.
    private static func status(
        like other: LimitStatus? = nil,
        _ random: inout SeededRandom
    ) -> LimitStatus {
        let windows = Window.allCases
        let name = ["gpt-small", #"a"b\c"#, "größe", "a\nb"].randomElement(using: &random) ?? ""
        let scopes: [LimitScope] = [
            .tenant, .organization, .key(nil), .model(ModelName(trusted: name)),
        ]
        let scope = other?.scope ?? scopes.randomElement(using: &random) ?? .tenant
        let window = other?.window ?? windows.randomElement(using: &random) ?? .day
        let isBounded = other.map { $0.limit != nil } ?? (Int.random(in: 0..<4, using: &random) > 0)
        let limit = other?.limit ?? (isBounded ? amount(&random) : nil)
        let soft = Bool.random(using: &random) ? limit.map { $0 * 4 / 5 } : nil
        let used = amount(&random)
        return LimitStatus(
            id: "\(scope):api_calls/\(window.rawValue)", meter: Meter.apiCalls.id, scope: scope,
            window: window, limit: limit, used: used, held: amount(&random),
            suspect: amount(&random), remaining: limit.map { max(0, $0 - used) },
            available: limit.map { _ in amount(&random) },
            resetAt: Bool.random(using: &random)
                ? other?.resetAt
                : [nil, .distantFuture, instant(&random)].randomElement(using: &random)!,
            softLimit: other == nil ? soft : other?.softLimit, warns: true,
            source: other?.source ?? .override, mode: other?.mode ?? .shadow)
    }

    private static func decision(
        like other: Decision? = nil,
        warnings: [String],
        _ random: inout SeededRandom
    ) -> Decision {
        // Whose it is does not count: others of the same form differ in it.
        let tenants = [
            #"te"nant"#, "acme", "t\u{1F}\n\u{7}é\\", String(repeating: "ä", count: 128),
        ]
        .map { TenantID(trusted: $0) }
        let keys = [nil, APIKeyID(trusted: "k_1"), APIKeyID(trusted: #"k"\"#)]
        let limits =
            other?.limits.map { status(like: $0, &random) }
            ?? (0..<Int.random(in: 0...3, using: &random)).map { _ in status(&random) }
        return Decision(
            isAllowed: true, isEnforced: other?.isEnforced ?? Bool.random(using: &random),
            id: "d_\(random.next())", tenant: tenants.randomElement(using: &random) ?? tenants[0],
            key: keys.randomElement(using: &random) ?? nil, plan: PlanID(trusted: "free"),
            asOf: instant(&random), limits: limits, warnings: warnings)
    }

    private static func text(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.array { writer in
            writer.value(1)
            writer.object { writer in
                writer.member("status", 200)
                body(&writer)
            }
            writer.value(2)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("a template gives the decision's bytes and headers", arguments: [31, 32] as [UInt64])
    func decisions(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var instants = WrittenInstant()
        for round in 0..<1_000 {
            let warnings = Bool.random(using: &random) ? ["a \"warning\""] : []
            let sample = Self.decision(warnings: warnings, &random)
            let template = DecisionTemplate(sample)
            let decision = Self.decision(like: sample, warnings: warnings, &random)
            let figures = decision.limits.map { LimitFigures($0) }
            let written = Self.text { writer in
                let room = template.maximumBytes(decision.tenant, decision.key)
                writer.raw(upTo: room) { cursor in
                    template.put(
                        decision.tenant, decision.key, asOf: decision.asOf, &instants, to: &cursor
                    ) { start in
                        for (offset, byte) in decision.id.utf8.enumerated() {
                            (start + offset).initialize(to: byte)
                        }
                        return decision.id.utf8.count
                    } figures: {
                        figures[$0]
                    }
                }
            }
            let expected = Self.text { decision.writeMembers(to: &$0) }
            #expect(written == expected, "seed \(seed), round \(round)")
            _ = try JSONValue(parsing: written.utf8)
            let headers = RateLimitFields(template, asOf: decision.asOf) { figures[$0] }
            #expect(headers.policy == RateLimitFields(decision).policy)
            #expect(headers.limit == RateLimitFields(decision).limit)
        }
    }

    @Test("the room that is made is enough for the longest numbers")
    func room() {
        let status = LimitStatus(
            id: "tenant:api_calls/month", meter: Meter.apiCalls.id, scope: .tenant, window: .month,
            limit: .max, used: .min, held: .min, suspect: .min, remaining: .min, available: .min,
            resetAt: nil, softLimit: .max, warns: false, source: .plan, mode: .enforce)
        let decision = Decision(
            isAllowed: true, isEnforced: true, id: "", tenant: TenantID(trusted: "acme"),
            key: nil, plan: PlanID(trusted: "free"), asOf: .distantPast,
            limits: Array(repeating: status, count: 4))
        let template = DecisionTemplate(decision)
        var figures = LimitFigures(status)
        figures.resetAt = Timestamp(nanoseconds: 1)
        var (instants, writer) = (WrittenInstant(), JSONWriter(capacity: 0))
        // The cursor itself checks that no more is written than was announced.
        // Ids of nothing but escapes, which a trusted one may have.
        let (tenant, key) = (
            TenantID(trusted: String(repeating: "\u{1}", count: 256)),
            APIKeyID(trusted: String(repeating: "\"", count: 256))
        )
        let room = template.maximumBytes(tenant, key)
        writer.raw(upTo: room) { cursor in
            template.put(
                tenant, key, asOf: Timestamp(nanoseconds: .max - 1), &instants, to: &cursor
            ) { start in
                start.initialize(repeating: 0x61, count: DecisionTemplate.maximumIDBytes)
                return DecisionTemplate.maximumIDBytes
            } figures: { _ in
                figures
            }
        }
        #expect(writer.bytes.count <= room)
    }

    @Test("a decision is written member by member as the contract has it")
    func bytes() {
        let status = LimitStatus(
            id: "tenant:api_calls/month", meter: Meter.apiCalls.id, scope: .tenant, window: .month,
            limit: 1_000, used: 800, held: 2, suspect: 1, remaining: 200, available: 200,
            resetAt: Timestamp("2026-12-01T00:00:00Z"), softLimit: 800, warns: true, source: .plan,
            mode: .enforce)
        let decision = Decision(
            isAllowed: true, isEnforced: true, id: "d_1", tenant: TenantID(trusted: "acme"),
            key: nil, plan: PlanID(trusted: "free"),
            asOf: Timestamp("2026-11-21T10:00:00.123456Z")!, limits: [status])
        #expect(
            Self.text { decision.writeMembers(to: &$0) } == #"""
                [1,{"status":200,"allowed":true,"enforced":true,"decision_id":"d_1",\#
                "tenant":"acme","key":null,"plan":"free","as_of":"2026-11-21T10:00:00.123Z",\#
                "limits":[{"id":"tenant:api_calls/month","meter":"api_calls","scope":"tenant",\#
                "window":"month","limit":1000,"used":800,"held":2,"suspect":1,"remaining":200,\#
                "reset_at":"2026-12-01T00:00:00Z","soft_limit":800,"approaching":true,\#
                "exceeded":false,"unlimited":false,"source":"plan","mode":"enforce"}],\#
                "denied_by":null,"warnings":[]},2]
                """#)
        let headers = RateLimitFields(decision)
        #expect(headers.policy == #""tenant:api_calls/month";q=1000;w=2592000"#)
        #expect(headers.limit == #""tenant:api_calls/month";r=200;t=828000"#)
    }
}
