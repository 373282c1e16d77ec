import QuotaTesting
import StrictJSON

extension ContractChapter {
    static let tenants = ContractChapter(
        name: "tenants",
        steps: [
            .post(
                "/api/admin/tenants",
                [
                    "id": "acme", "name": "Acme", "plan": "starter", "organization": "globex",
                    "time_zone": "Africa/Lagos", "billing_anchor": "2026-01-31T00:00",
                    "billing_interval": "month", "status": "active", "currency": "NGN",
                    "reason": "signed",
                ], 201),
            .post("/api/admin/tenants", ["id": "acme"], 409),
            .get("/api/admin/tenants?limit=1", 200),
            .get("/api/admin/tenants?organization=globex", 200),
            .get("/api/admin/tenants/acme", 200),
            .get("/api/admin/tenants/nobody", 404),
            .patch("/api/admin/tenants/acme", ["plan": "gone", "billing_anchor": nil], 200),
            .patch("/api/admin/tenants/nobody", ["plan": "free"], 404),
            .put("/api/admin/tenants/acme", ["id": "acme", "plan": "free"], 200),
            .put("/api/admin/tenants/initech", [:], 201),
            .post(
                "/api/v1/consume", ["tenant": "acme", "metadata": ["a": 1], "model": "m"], 200),
            .get("/api/admin/tenants/acme/periods", 200),
            .get("/api/admin/tenants/acme/periods?meter=api_calls&window=month&limit=1", 200),
            .get("/api/admin/tenants/nobody/periods", 404),
            .get("/api/admin/tenants/acme/events?from=2026-11-01&to=2026-11-21T12:00:00Z", 200),
            .get("/api/admin/tenants/nobody/events", 404),
            .get("/api/admin/tenants/acme/usage", 200),
            .get("/api/admin/tenants/acme/usage?group_by=key", 200),
            .get("/api/admin/tenants/acme/usage?group_by=model", 200),
            .get("/api/admin/tenants/acme/usage?group_by=meter&from=2026-11-01&limit=1", 200),
            .get("/api/admin/tenants/nobody/usage", 404),
            .happening { $0.clock.advance(by: .seconds(1)) },
            .post(
                "/api/admin/tenants/acme/reset", ["meter": "api_calls", "window": "month"], 200),
            .post("/api/admin/tenants/acme/reset", ["meter": "ai_tokens", "window": "day"], 200),
            .post(
                "/api/admin/tenants/acme/reset", ["meter": "ai_tokens", "window": "minute"], 200),
            .post("/api/admin/tenants/acme/reset", ["meter": "projects", "window": "none"], 409),
            .post(
                "/api/admin/tenants/nobody/reset", ["meter": "api_calls", "window": "month"], 404),
            .get("/api/admin/tenants/acme/periods", 200),
            .delete("/api/admin/tenants/acme", 204),
            .delete("/api/admin/tenants/nobody", 404),
        ])

    static let organizations = ContractChapter(
        name: "organizations",
        steps: [
            .post(
                "/api/admin/organizations",
                [
                    "id": "globex", "name": "Globex", "time_zone": "UTC",
                    "limits": [["meter": "ai_tokens", "window": "month", "limit": 500]],
                ], 201),
            .post("/api/admin/organizations", ["id": "globex"], 409),
            .get("/api/admin/organizations", 200),
            .get("/api/admin/organizations/globex", 200),
            .get("/api/admin/organizations/gone", 404),
            .patch("/api/admin/organizations/globex", ["name": nil], 200),
            .patch("/api/admin/organizations/gone", ["name": "x"], 404),
            .put(
                "/api/admin/organizations/globex",
                [
                    "limits": [
                        ["meter": "ai_tokens", "window": "minute", "limit": 90, "burst": 9],
                        ["meter": "ai_tokens", "window": "day", "limit": nil, "scope": "org"],
                    ]
                ], 200),
            .put("/api/admin/organizations/umbrella", [:], 201),
            .put("/api/admin/tenants/acme", ["organization": "globex"], 201),
            .post("/api/v1/consume", ["tenant": "acme"], 200),
            .get("/api/admin/organizations/globex/usage", 200),
            .get("/api/admin/organizations/gone/usage", 404),
            .delete("/api/admin/organizations/globex", 409),
            .delete("/api/admin/organizations/umbrella", 204),
            .delete("/api/admin/organizations/umbrella", 404),
        ])

    static let catalog = ContractChapter(
        name: "plans and meters",
        steps: [
            .post("/api/admin/meters", ["id": "gpu_seconds", "kind": "counter"], 201),
            .post("/api/admin/meters", ["id": "gpu_seconds", "kind": "counter"], 409),
            .get("/api/admin/meters?limit=2", 200),
            .get("/api/admin/meters/gpu_seconds", 200),
            .get("/api/admin/meters/gone", 404),
            .put("/api/admin/meters/gpu_seconds", ["kind": "counter", "record": "hourly"], 200),
            .put("/api/admin/meters/gpu_seconds", ["kind": "allocation"], 409),
            .put("/api/admin/meters/seats", ["kind": "allocation"], 201),
            .post(
                "/api/admin/plans",
                [
                    "id": "team", "name": "Team", "weight": 2,
                    "limits": [
                        [
                            "meter": "ai_tokens", "window": "second", "limit": 10, "burst": 20,
                            "soft_percent": 50, "warn": false, "mode": "shadow",
                            "on_unavailable": "allow_capped(3)", "model": "gpt-small",
                        ],
                        ["meter": "seats", "window": "none", "limit": nil],
                        ["meter": "api_calls", "window": "day", "limit": 3, "scope": "key"],
                    ],
                ], 201),
            .post("/api/admin/plans", ["id": "team", "limits": []], 409),
            .get("/api/admin/plans", 200),
            .get("/api/admin/plans/pro", 200),
            .get("/api/admin/plans/gone", 404),
            .put("/api/admin/plans/team", ["limits": [], "reason": "empty"], 200),
            .put("/api/admin/plans/trial", ["limits": []], 201),
            .delete("/api/admin/plans/trial", 204),
            .delete("/api/admin/plans/trial", 404),
            .delete("/api/admin/plans/free", 409),
        ])

    static let keys = ContractChapter(
        name: "keys",
        steps: [
            .post("/api/admin/tenants", ["id": "acme"], 201),
            .post(
                "/api/admin/keys",
                [
                    "tenant": "acme", "name": "prod", "test": true,
                    "expires_at": "2027-01-01T00:00:00Z",
                    "limits": [["meter": "api_calls", "window": "day", "limit": 100]],
                ], 201, keeps: ["key": ["id"], "secret": ["key"]]),
            .post("/api/admin/keys", ["tenant": "nobody", "name": "prod"], 404),
            .post("/api/v1/consume", [:], as: "secret", 200),
            .get("/api/admin/keys?tenant=acme&credentials=true&limit=1", 200),
            .get("/api/admin/keys/{key}", 200),
            .get("/api/admin/keys/gone", 404),
            .patch("/api/admin/keys/{key}", ["name": "old", "expires_at": nil], 200),
            .patch("/api/admin/keys/gone", ["name": "old"], 404),
            .post("/api/admin/keys/{key}/rotate", ["overlap_seconds": 60], 200),
            .post("/api/admin/keys/{key}/rotate", 200),
            .post("/api/admin/keys/gone/rotate", 404),
            .delete("/api/admin/keys/{key}", 204),
            .delete("/api/admin/keys/gone", 404),
            .patch("/api/admin/keys/{key}", ["status": "active"], 409),
            .post("/api/admin/keys/{key}/rotate", 409),
            .get("/api/admin/keys/{key}", 200),
        ])

    static let serviceKeys = ContractChapter(
        name: "service keys",
        steps: [
            .post(
                "/api/admin/service-keys", ["name": "backend"], 201,
                keeps: ["key": ["id"], "secret": ["key"]]),
            .post("/api/v1/consume", ["tenant": "acme"], as: "secret", 200),
            .get("/api/admin/service-keys?credentials=true", 200),
            .get("/api/admin/service-keys/{key}", 200),
            .get("/api/admin/service-keys/gone", 404),
            .patch("/api/admin/service-keys/{key}", ["status": "suspended"], 200),
            .patch("/api/admin/service-keys/gone", ["name": "x"], 404),
            .post("/api/admin/service-keys/{key}/rotate", ["overlap_seconds": 0], 200),
            .post("/api/admin/service-keys/gone/rotate", 404),
            .delete("/api/admin/service-keys/{key}", 204),
            .delete("/api/admin/service-keys/gone", 404),
            .patch("/api/admin/service-keys/{key}", ["status": "active"], 409),
            .post("/api/admin/service-keys/{key}/rotate", 409),
        ])
}
