import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import StrictJSON
import Synchronization
import WeirHTTP

extension ContractChapter {
    /// Every chapter.
    static let all = [
        decisions, questions, reservations, allocations, batches, forwardAuth, tenants,
        organizations, catalog, keys, serviceKeys, overrides, grants, evidence, adjustments,
        imports, cache, operations, billing, whatIf, notifications, webhooks,
    ]

    static let billing = ContractChapter(
        name: "billing",
        steps: [
            .post(
                "/api/admin/meters", ["id": "cost_usd", "kind": "counter", "record": "event"], 201),
            .post(
                "/api/v1/consume",
                [
                    "tenant": "acme", "model": "small",
                    "charges": [
                        ["meter": "cost_usd", "amount": 1_230_000],
                        ["meter": "ai_tokens", "amount": 12], ["meter": "api_calls", "amount": 1],
                    ],
                    "metadata": [
                        "decision_id": "d_1", "outcome": "completed", "estimated": false,
                        "input_tokens": 5,
                    ],
                ], 200),
            .post("/api/v1/consume", ["tenant": "globex"], 200),
            .get("/api/admin/usage/export", 200),
            .get("/api/admin/usage/export?format=jsonl", 200),
            .get("/api/admin/usage/export?tenant=nobody", 404),
            .get("/api/admin/usage/costs", 200),
            .get("/api/admin/usage/costs?group_by=key&limit=1", 200),
            .get("/api/admin/usage/costs?group_by=model&tenant=acme", 200),
            .get("/api/admin/usage/costs?tenant=nobody", 404),
        ])

    /// Keeps the one place that there is.
    private static let running = Mutex<WhatIfRun?>(nil)

    static let whatIf = ContractChapter(
        name: "what-if",
        steps: [
            .put(
                "/api/admin/plans/trial",
                [
                    "limits": [
                        ["meter": "ai_tokens", "window": "month", "limit": 10, "mode": "shadow"]
                    ]
                ], 201),
            .post("/api/admin/tenants", ["id": "acme", "plan": "trial"], 201),
            .post(
                "/api/v1/consume",
                ["tenant": "acme", "charges": [["meter": "ai_tokens", "amount": 12]]], 200),
            .get("/api/admin/shadow", 200),
            .get("/api/admin/shadow?tenant=acme", 200),
            .happening { $0.clock.advanceSeconds(60) },
            .post(
                "/api/admin/whatif",
                [
                    "plan": [
                        "id": "trial",
                        "limits": [
                            ["meter": "ai_tokens", "window": "month", "limit": 11],
                            ["meter": "ai_tokens", "window": "concurrent", "limit": 1],
                            ["meter": "api_calls", "window": "day", "limit": 1],
                        ],
                    ], "since": "1h",
                ], 200),
            .happening { server in
                let run = try await server.node.beginWhatIf(
                    WhatIfQuestion(
                        plan: Plan.builtIn[0],
                        since: server.node.now.adding(nanoseconds: -1)))
                running.withLock { $0 = run }
            },
            .post(
                "/api/admin/whatif", ["plan": ["id": "free", "limits": []], "since": "1h"], 409),
            .happening { _ in running.withLock { $0 = nil } },
        ])

    static let overrides = ContractChapter(
        name: "overrides",
        steps: [
            .post("/api/admin/tenants", ["id": "acme"], 201),
            .put(
                "/api/admin/tenants/acme/overrides/ai_tokens/month",
                ["limit": 250_000, "periods": 2, "reason": "launch"], 201),
            .put(
                "/api/admin/tenants/acme/overrides/ai_tokens/month",
                ["limit": nil, "expires_at": "2026-12-24T00:00:00Z"], 200),
            .put("/api/admin/tenants/nobody/overrides/ai_tokens/month", ["limit": 1], 404),
            .get("/api/admin/tenants/acme/overrides/ai_tokens/month", 200),
            .get("/api/admin/tenants/acme/overrides/ai_tokens/day", 404),
            .get("/api/admin/tenants/acme/overrides", 200),
            .get("/api/admin/tenants/nobody/overrides", 404),
            .get("/api/admin/overrides?limit=1", 200),
            .post("/api/v1/check", ["tenant": "acme"], 200),
            .put(
                "/api/admin/tenants/acme/overrides/ai_tokens/month",
                ["limit": 9, "starts_at": "2026-12-23T00:00:00Z"], 422),
            .put(
                "/api/admin/tenants/acme/overrides/ai_tokens/month",
                [
                    "multiplier_percent": 150, "starts_at": "2026-12-24T00:00:00Z",
                    "author": "ada",
                ], 201),
            .get(
                "/api/admin/tenants/acme/overrides/ai_tokens/month?starts_at=2026-12-24T00:00:00Z",
                200),
            .send(
                ContractRequest(
                    method: "DELETE", path: "/api/admin/tenants/acme/overrides/ai_tokens/month",
                    body: ["starts_at": "2026-12-24T00:00:00Z"], status: 204)),
            .delete("/api/admin/tenants/acme/overrides/ai_tokens/month", 204),
            .delete("/api/admin/tenants/acme/overrides/ai_tokens/month", 404),
            .happening { server in
                let most = LimitOverride.maximumPerTenant
                _ = try await server.ledger.commit(
                    (0..<most)
                        .map { number in
                            .putOverride(
                                LimitOverride(
                                    id: LimitOverride.ID(
                                        tenant: TenantID(trusted: "acme"),
                                        meter: MeterID(trusted: "meter-\(number)"), window: .month),
                                    quantity: 1, createdAt: server.node.now))
                        })
            },
            .put("/api/admin/tenants/acme/overrides/ai_tokens/month", ["limit": 1], 409),
        ])

    static let notifications = ContractChapter(
        name: "notifications",
        steps: [
            .post(
                "/api/v1/consume",
                ["tenant": "acme", "charges": [["meter": "ai_tokens", "amount": 100_000]]], 200),
            .happening { try await $0.node.fold() },
            .get("/api/admin/notifications", 200),
            .get("/api/admin/notifications?type=quota.exhausted&tenant=acme&limit=1", 200),
            .get("/api/admin/notifications?type=quota.what", 422),
            // A server that stops ends its streams.
            .happening { $0.readiness.set(false) },
            .get("/api/admin/notifications/stream?after=0", 200),
            .get("/api/admin/notifications/stream?after=x", 422),
        ])

    static let grants = ContractChapter(
        name: "units on top",
        steps: [
            .post("/api/admin/tenants", ["id": "acme"], 201),
            .post(
                "/api/admin/tenants/acme/grants",
                ["meter": "api_calls", "window": "month", "units": 500, "reason": "bought"], 201),
            .post(
                "/api/admin/tenants/acme/grants",
                [
                    "meter": "ai_tokens", "window": "month", "units": 5, "priority": 10,
                    "expires_at": "2026-12-24T00:00:00Z",
                ], 201),
            .post("/api/v1/check", ["tenant": "acme"], 200),
            .get("/api/admin/tenants/acme/grants", 200),
            .get("/api/admin/tenants/nobody/grants", 404),
            .post(
                "/api/admin/tenants/nobody/grants",
                ["meter": "api_calls", "window": "month", "units": 500], 404),
            .post(
                "/api/admin/tenants/acme/grants",
                ["meter": "api_calls", "window": "year", "units": 500], 409),
            .post(
                "/api/admin/tenants/acme/grants",
                ["meter": "api_calls", "window": "minute", "units": 500], 422),
            .post(
                "/api/admin/tenants/acme/grants",
                ["meter": "api_calls", "window": "month", "units": 5],
                headers: ["Idempotency-Key": "order-1"], 201),
            .delete("/api/admin/tenants/acme/grants/g_order-1", 204),
            .delete("/api/admin/tenants/acme/grants/g_order-1", 404),
            .get("/api/admin/tenants/acme/periods", 200),
        ])

    static let evidence = ContractChapter(
        name: "suspect units",
        steps: [
            .post(
                "/api/v1/reserve",
                [
                    "tenant": "acme", "ttl_ms": 1000, "on_expiry": "suspect",
                    "charges": [["meter": "ai_tokens", "amount": 9]],
                ], 201),
            .happening { server in
                server.clock.advance(by: .seconds(2))
                _ = try await server.node.sweep()
            },
            .get(
                "/api/admin/suspect?tenant=acme", 200, keeps: ["grant": ["items", 0, "grant"]]),
            .post("/api/admin/suspect/{grant}/resolve", ["used": 4, "reason": "log"], 200),
            .post("/api/admin/suspect/{grant}/resolve", ["used": 4], 409),
            .post("/api/admin/suspect/node.9.9/resolve", ["used": 4], 404),
            .happening { server in try await server.loseLease(of: 7) },
            .get("/api/admin/suspect", 200),
            .post("/api/admin/suspect/lost.1.1/resolve", ["used": 4, "reason": "log"], 200),
        ])

    static let adjustments = ContractChapter(
        name: "adjustments and audit",
        steps: [
            .post("/api/v1/consume", ["tenant": "acme"], 200),
            .post(
                "/api/admin/adjustments",
                ["tenant": "acme", "meter": "api_calls", "amount": -1, "reason": "outage"], 201),
            .post(
                "/api/admin/adjustments",
                ["tenant": "acme", "meter": "api_calls", "amount": 5], 201),
            .post(
                "/api/admin/adjustments",
                ["tenant": "nobody", "meter": "api_calls", "amount": 1], 404),
            .get("/api/admin/tenants/acme/events", 200),
            .get("/api/admin/audit", 200),
            .get("/api/admin/audit?tenant=acme&action=adjustment.create&limit=1", 200),
        ])

    static let imports = ContractChapter(
        name: "imports",
        steps: [
            .post(
                "/api/admin/import",
                ["kind": "tenants", "items": [["id": "acme", "plan": "starter"]]], 200),
            .post(
                "/api/admin/import",
                [
                    "kind": "tenants", "on_conflict": "update",
                    "items": [["id": "acme", "plan": "free"]],
                ], 200),
            .post(
                "/api/admin/import",
                [
                    "kind": "keys",
                    "items": [
                        ["tenant": "acme", "name": "new"],
                        [
                            "id": "old-1", "tenant": "acme", "name": "old",
                            "credential": [
                                "public_id": "abcdefghijkl", "pepper_version": 1,
                                "digest": .string(String(repeating: "0a", count: 32)),
                                "previous": [
                                    "digest": .string(String(repeating: "0b", count: 32)),
                                    "pepper_version": 1, "expires_at": "2026-11-22T00:00:00Z",
                                ],
                            ],
                        ],
                        ["tenant": "nobody", "name": "lost"],
                    ],
                ], 200),
            .post(
                "/api/admin/import",
                [
                    "kind": "usage",
                    "items": [
                        ["tenant": "acme", "date": "2026-11-20", "units": 5],
                        ["key": "old-1", "date": "2026-04-09", "units": 7, "source": "old"],
                        ["tenant": "acme", "date": "2026-11-20", "units": 6],
                        ["tenant": "acme", "model": "m", "date": "2026-11-20", "units": 6],
                    ],
                ], 200),
            .post(
                "/api/admin/import",
                [
                    "kind": "allocations",
                    "items": [["tenant": "acme", "meter": "team_members", "units": 9]],
                ], 200),
            .post(
                "/api/admin/import",
                [
                    "kind": "grants",
                    "items": [
                        [
                            "tenant": "acme", "id": "g_order-9", "meter": "ai_tokens",
                            "window": "month", "units": 500, "priority": 40,
                            "expires_at": "2027-01-01T00:00:00Z", "reason": "bought",
                        ],
                        [
                            "tenant": "nobody", "id": "g_1", "meter": "ai_tokens",
                            "window": "month", "units": 1,
                        ],
                    ],
                ], 200),
            .get("/api/admin/tenants?allocations=true&grants=true", 200),
            .get("/api/admin/tenants/acme/usage?from=2026-04-01&group_by=day,key,model", 200),
            .get("/api/admin/keys?credentials=true", 200),
        ])

    static let cache = ContractChapter(
        name: "the cache and the day's usage",
        steps: [
            .post("/api/v1/consume", ["tenant": "acme"], 200),
            .post(
                "/api/v1/consume",
                ["tenant": "globex", "charges": [["meter": "api_calls", "amount": 1000]]], 200),
            .get("/api/admin/quota/stats", 200),
            .get("/api/admin/quota/usage", 200),
            .get("/api/admin/quota/usage?limit=1&offset=0&meter=api_calls", 200),
            .post("/api/admin/quota/cache/warm", ["tenant_ids": ["acme", "nobody"]], 200),
            .post("/api/admin/quota/cache/clear", ["reason": "restored"], 200),
            .post("/api/admin/quota/cache/clear", 200),
            .get("/api/admin/quota/health", 200),
            .happening { $0.ledger.fail(LedgerError(.busy, "held")) },
            .get("/api/admin/quota/health", 200),
        ])

    static let operations = ContractChapter(
        name: "operations",
        steps: [
            .get("/livez", 200),
            .get("/readyz", 200),
            .post("/api/v1/consume", ["tenant": "acme"], 200),
            .get("/metrics", 200),
            .get("/openapi.yaml", 200),
            .get("/api/admin/backup", 200),
            .happening { $0.backups.fail(LedgerError(.backupRunning, "one is made")) },
            .get("/api/admin/backup", 409),
            .happening { $0.backups.fail(LedgerError(.diskFull, "no room")) },
            .get("/api/admin/backup", 507),
            .happening { $0.backups.fail(LedgerError(.backupFailed, "no copy")) },
            .get("/api/admin/backup", 503),
            .happening { $0.readiness.set(false) },
            .get("/readyz", 503),
        ])
}
