import ArgumentParser
import StrictJSON
import Testing

@testable import WeirCommand

/// What commands ask of the server.
struct CallTests {
    @Test(arguments: [
        (
            "quota check acme --plan free --charge ai_tokens=1_200 --charge api_calls",
            "POST /api/v1/check",
            #"""
            {"tenant":"acme","plan":"free","charges":[{"meter":"ai_tokens","amount":1200},\#
            {"meter":"api_calls","amount":1}]}
            """#
        ),
        (
            "quota consume acme --idempotency-key o-1 --metadata trace=a=b --model m --key k_1",
            "POST /api/v1/consume",
            #"""
            {"tenant":"acme","key":"k_1","model":"m","idempotency_key":"o-1",\#
            "metadata":{"trace":"a=b"}}
            """#
        ),
        ("webhook show ../x", "GET /api/admin/webhooks/..%2Fx", nil),
        (
            "webhook create https://a.example/h --id ops --event quota.reset --tenant acme",
            "POST /api/admin/webhooks",
            #"{"id":"ops","url":"https://a.example/h","events":["quota.reset"],"tenant":"acme"}"#
        ),
        (
            "webhook update ops --all-events --all-tenants --status active --reason r",
            "PATCH /api/admin/webhooks/ops",
            #"{"events":null,"tenant":null,"status":"active","reason":"r"}"#
        ),
        (
            "webhook update ops --target https://a.example/2 --event quota.reset",
            "PATCH /api/admin/webhooks/ops",
            #"{"url":"https://a.example/2","events":["quota.reset"]}"#
        ),
        ("webhook delete ops --yes", "DELETE /api/admin/webhooks/ops", nil),
        (
            "webhook rotate ops --overlap-seconds 60 --yes", "POST /api/admin/webhooks/ops/rotate",
            #"{"overlap_seconds":60}"#
        ),
        (
            "webhook replay ops msg_1_1 msg_1_2", "POST /api/admin/webhooks/ops/replay",
            #"{"deliveries":["msg_1_1","msg_1_2"]}"#
        ),
        (
            "webhook replay ops --since 2026-11-20T10:00:00Z --after msg_1_1",
            "POST /api/admin/webhooks/ops/replay",
            #"{"since":"2026-11-20T10:00:00Z","after":"msg_1_1"}"#
        ),
        ("quota warm a b", "POST /api/admin/quota/cache/warm", #"{"tenant_ids":["a","b"]}"#),
        ("quota clear", "POST /api/admin/quota/cache/clear", "{}"),
        ("tenant show ../x", "GET /api/admin/tenants/..%2Fx", nil),
        ("tenant show ..", "GET /api/admin/tenants/%2E%2E", nil),
        ("tenant limits a&b", "GET /api/v1/usage?tenant=a%26b", nil),
        (
            "tenant create acme --name \"Acme Ltd\" --currency NGN --reason new",
            "POST /api/admin/tenants",
            #"{"id":"acme","name":"Acme Ltd","currency":"NGN","reason":"new"}"#
        ),
        (
            "tenant update acme --plan pro --clear billing-anchor --clear organization",
            "PATCH /api/admin/tenants/acme",
            #"{"plan":"pro","billing_anchor":null,"organization":null}"#
        ),
        (
            "tenant update acme --plan free --plan-at now", "PATCH /api/admin/tenants/acme",
            #"{"plan":"free","plan_at":"now"}"#
        ),
        (
            "tenant create acme --trial-plan pro --trial-ends 2027-01-15T00:00:00Z",
            "POST /api/admin/tenants",
            #"{"id":"acme","trial":{"plan":"pro","ends_at":"2027-01-15T00:00:00Z"}}"#
        ),
        (
            "tenant update acme --scheduled-plan pro --scheduled-at 2027-01-15T00:00:00Z"
                + " --clear trial",
            "PATCH /api/admin/tenants/acme",
            #"{"scheduled_plan":{"plan":"pro","at":"2027-01-15T00:00:00Z"},"trial":null}"#
        ),
        (
            "tenant update acme --clear scheduled-plan", "PATCH /api/admin/tenants/acme",
            #"{"scheduled_plan":null}"#
        ),
        ("tenant close acme --yes", "DELETE /api/admin/tenants/acme", nil),
        (
            "tenant reset acme ai_tokens/month --yes", "POST /api/admin/tenants/acme/reset",
            #"{"meter":"ai_tokens","window":"month"}"#
        ),
        (
            "organization create g --limit ai_tokens/month=unlimited",
            "POST /api/admin/organizations",
            #"{"id":"g","limits":[{"meter":"ai_tokens","window":"month","limit":null}]}"#
        ),
        (
            "key create acme --name prod --limit api_calls/day=100 --test",
            "POST /api/admin/keys",
            #"""
            {"tenant":"acme","name":"prod","test":true,\#
            "limits":[{"meter":"api_calls","window":"day","limit":100}]}
            """#
        ),
        ("key update k --no-limits", "PATCH /api/admin/keys/k", #"{"limits":[]}"#),
        (
            "key update k --expires-at never", "PATCH /api/admin/keys/k",
            #"{"expires_at":null}"#
        ),
        ("key suspend k", "PATCH /api/admin/keys/k", #"{"status":"suspended"}"#),
        ("key activate k", "PATCH /api/admin/keys/k", #"{"status":"active"}"#),
        ("key revoke k", "DELETE /api/admin/keys/k", nil),
        (
            "service-key rotate s --overlap-seconds 0", "POST /api/admin/service-keys/s/rotate",
            #"{"overlap_seconds":0}"#
        ),
        ("service-key create --name b", "POST /api/admin/service-keys", #"{"name":"b"}"#),
        (
            "meter create gpu --kind counter --record hourly", "POST /api/admin/meters",
            #"{"id":"gpu","kind":"counter","record":"hourly"}"#
        ),
        (
            "override set a/b ai_tokens/month unlimited --periods 2 --reason launch",
            "PUT /api/admin/tenants/a%2Fb/overrides/ai_tokens/month",
            #"{"limit":null,"periods":2,"reason":"launch"}"#
        ),
        (
            "override set a api_calls/day --multiplier-percent 150 --author sales"
                + " --starts-at 2027-01-01T00:00:00Z",
            "PUT /api/admin/tenants/a/overrides/api_calls/day",
            #"""
            {"multiplier_percent":150,"starts_at":"2027-01-01T00:00:00Z","author":"sales"}
            """#
        ),
        (
            "override show a api_calls/day --starts-at 2027-01-01T00:00:00Z",
            "GET /api/admin/tenants/a/overrides/api_calls/day?starts_at=2027-01-01T00%3A00%3A00Z",
            nil
        ),
        (
            "override delete a api_calls/day --starts-at 2027-01-01T00:00:00Z --yes",
            "DELETE /api/admin/tenants/a/overrides/api_calls/day",
            #"{"starts_at":"2027-01-01T00:00:00Z"}"#
        ),
        (
            "override delete a api_calls/day --reason old --yes",
            "DELETE /api/admin/tenants/a/overrides/api_calls/day", nil
        ),
        (
            "grant create a/b ai_tokens/month 500_000 --expires-at 2027-01-01T00:00:00Z"
                + " --priority 0 --reason bought",
            "POST /api/admin/tenants/a%2Fb/grants",
            #"""
            {"meter":"ai_tokens","window":"month","units":500000,\#
            "expires_at":"2027-01-01T00:00:00Z","priority":0,"reason":"bought"}
            """#
        ),
        (
            "grant create a ai_tokens/year 1", "POST /api/admin/tenants/a/grants",
            #"{"meter":"ai_tokens","window":"year","units":1}"#
        ),
        ("grant revoke a g_1/2 --yes", "DELETE /api/admin/tenants/a/grants/g_1%2F2", nil),
        ("ask plan a&b --key k_1", "GET /api/v1/plan?tenant=a%26b&key=k_1", nil),
        (
            "ask limit acme ai_tokens/day",
            "GET /api/v1/effective-limit?tenant=acme&meter=ai_tokens&window=day", nil
        ),
        (
            "ask can-generate acme 1_200 --model m",
            "GET /api/v1/can-generate?tenant=acme&tokens=1200&model=m", nil
        ),
        ("ask can-generate acme", "GET /api/v1/can-generate?tenant=acme&tokens=1", nil),
        ("ask remaining acme", "GET /api/v1/remaining-tokens?tenant=acme", nil),
        ("ask near acme", "GET /api/v1/is-near-limit?tenant=acme&meter=ai_tokens", nil),
        (
            "allocation add acme team_members -- -1", "POST /api/v1/allocations",
            #"{"tenant":"acme","meter":"team_members","delta":-1}"#
        ),
        (
            "allocation set acme storage_gb 0", "POST /api/v1/allocations",
            #"{"tenant":"acme","meter":"storage_gb","set":0}"#
        ),
        (
            "reservation settle r_1 --charge ai_tokens=0", "POST /api/v1/reservations/r_1/settle",
            #"{"charges":[{"meter":"ai_tokens","amount":0}]}"#
        ),
        ("reservation void r_1", "POST /api/v1/reservations/r_1/void", "{}"),
        (
            "suspect resolve node.3.17 --used 12 --reason log",
            "POST /api/admin/suspect/node.3.17/resolve", #"{"used":12,"reason":"log"}"#
        ),
        (
            "adjustment create acme ai_tokens --amount=-500", "POST /api/admin/adjustments",
            #"{"tenant":"acme","meter":"ai_tokens","amount":-500}"#
        ),
    ])
    func requests(line: String, target: String, body: String?) throws {
        let call = try #require(try command(line) as? any ServerCommand).call()
        #expect("\(call.method.rawValue) \(call.target)" == target)
        let encoded = call.encodedBody.map { String(decoding: $0, as: UTF8.self) }
        #expect(encoded == body)
    }

    @Test(arguments: [
        ("tenant list --organization g", "/api/admin/tenants?organization=g"),
        ("key list --tenant \"a b\"", "/api/admin/keys?tenant=a%20b"),
        ("override list", "/api/admin/overrides"),
        ("override list --tenant a", "/api/admin/tenants/a/overrides"),
        (
            "usage acme --from 2026-11-01 --to 2026-11-30 --by model",
            "/api/admin/tenants/acme/usage?from=2026-11-01&to=2026-11-30&group_by=model"
        ),
        ("event acme --meter ai_tokens", "/api/admin/tenants/acme/events?meter=ai_tokens"),
        ("period acme --window month", "/api/admin/tenants/acme/periods?window=month"),
        ("audit --action key.revoke", "/api/admin/audit?action=key.revoke"),
        ("suspect list", "/api/admin/suspect"),
        ("reservation list", "/api/admin/reservations"),
        ("webhook list", "/api/admin/webhooks"),
        (
            "webhook deliveries ops --state dead",
            "/api/admin/webhooks/ops/deliveries?state=dead"
        ),
        ("grant list a/b", "/api/admin/tenants/a%2Fb/grants"),
        ("notification list", "/api/admin/notifications"),
        (
            "notification list --tenant a --type quota.reset",
            "/api/admin/notifications?tenant=a&type=quota.reset"
        ),
    ])
    func lists(line: String, target: String) throws {
        let command = try #require(try command(line) as? any ListCommand)
        #expect(try command.call().target == target)
        #expect(!command.columns.isEmpty)
        #expect(command.list.rows == 100)
    }

    @Test func theReasonOfADeletionIsAHeader() throws {
        let line = "tenant close acme --reason \"contract ended\""
        let call = try #require(try command(line) as? any ServerCommand).call()
        #expect(call.encodedBody == nil)
        #expect(call.headers.map(\.name) == ["X-Weir-Reason"])
        #expect(call.headers.map(\.value) == ["contract ended"])
    }

    @Test func theKeyOfATopUpIsAHeader() throws {
        let line = "grant create a ai_tokens/month 5 --idempotency-key order-17 --reason x"
        let call = try #require(try command(line) as? any ServerCommand).call()
        #expect(call.headers.map(\.name) == ["Idempotency-Key"])
        #expect(call.headers.map(\.value) == ["order-17"])
        let revoke = try #require(
            try command("grant revoke a g_1 --reason refunded") as? any ServerCommand
        )
        .call()
        #expect(revoke.headers.map(\.name) == ["X-Weir-Reason"])
        #expect(revoke.headers.map(\.value) == ["refunded"])
    }

    @Test(arguments: [
        "tenant update acme", "key update k", "organization update g", "tenant list --limit 0",
        "override set a ai_tokens/month 5 --periods 0",
        "override set a ai_tokens/month -5", "override set a ai_tokens 5",
        "override set a ai_tokens/month", "override set a ai_tokens/month 5 --multiplier-percent 9",
        "override set a ai_tokens/month --multiplier-percent 0", "ask can-generate a 0",
        "ask limit a ai_tokens", "tenant update a --plan-at now",
        "tenant update a --plan x --plan-at later", "tenant create a --trial-plan pro",
        "tenant create a --scheduled-at 2027-01-01T00:00:00Z",
        "tenant update a --plan x --clear plan",
        "override set a ai_tokens/month 9007199254740992", "quota check a --charge x=0",
        "quota check a --charge x=1.5", "quota check a --charge =1", "allocation add a m 0",
        "adjustment create a m --amount 0", "suspect resolve g --used=-1",
        "tenant update a --clear id", "usage a --by week", "import tenants f --parallel 0",
        "webhook update w", "webhook update w --event quota.reset --all-events",
        "webhook update w --tenant a --all-tenants", "webhook update w --status paused",
        "webhook rotate w --overlap-seconds -1", "webhook replay w", "webhook create",
        "webhook replay w msg_1_1 --state dead", "webhook replay w --state gone",
        "webhook replay w --since 2026-11-20T10:00:00Z --state dead",
        "webhook deliveries w --state gone", "webhook replay w --after msg_1_1",
        "grant create a ai_tokens/month 0", "grant create a ai_tokens/month -5",
        "grant create a ai_tokens 5", "grant create a ai_tokens/month",
        "grant create a ai_tokens/month unlimited", "grant create a ai_tokens/month 1.5",
        "grant create a ai_tokens/month 9007199254740992",
        "grant create a ai_tokens/month 5 --priority 101",
        "grant create a ai_tokens/month 5 --priority=-1",
        "grant create a ai_tokens/month 5 --priority 9223372036854775807",
        "grant create a ai_tokens/month 5 --idempotency-key \"a b\"",
        "grant create a ai_tokens/month 5 --idempotency-key é", "grant revoke a", "grant list",
        "notification list --type quota.gone", "notification follow --type x",
        "notification follow --after=-1", "notification follow --after 2147483648",
        "notification follow --count 0",
        "key rotate k --overlap-seconds 2592001", "import tenants f --on-conflict replace",
    ])
    func whatIsWrongIsRefusedBeforeAnythingIsSent(line: String) {
        do {
            _ = try command(line)
            Issue.record("accepted: \(line)")
        } catch {
            #expect(Weir.exitCode(for: error).rawValue == 64, "\(line)")
        }
    }

    @Test func anEmptyIdIsNoList() throws {
        for call in [
            Call.admin(.get, "tenants", ""), .admin(.get, "tenants", "", "usage"),
            .admin(.delete, "keys", ""),
        ] {
            let error = #expect(throws: ValidationError.self) { try call.validated() }
            #expect(error.map { Weir.exitCode(for: $0).rawValue } == 64)
        }
        let call = Call.admin(.get, "tenants")
        #expect(try call.validated() == call)
    }

    @Test(arguments: [
        ("1_000_000", 1_000_000), ("0", 0), ("9007199254740991", 9_007_199_254_740_991),
        ("9007199254740992", nil), ("", nil), ("_1", nil), ("1_", nil), ("1__0", nil),
        ("+1", nil), ("99999999999999999999999", nil),
    ])
    func units(text: String, value: Int64?) {
        #expect(Units.parse(text) == value)
    }
}
