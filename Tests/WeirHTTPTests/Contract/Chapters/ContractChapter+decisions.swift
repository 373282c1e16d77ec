import StrictJSON

extension ContractChapter {
    static let decisions = ContractChapter(
        name: "decisions",
        steps: [
            .post("/api/v1/consume", ["tenant": "acme"], 200),
            .post(
                "/api/v1/consume",
                [
                    "tenant": "acme", "key": nil, "model": "gpt-small", "plan": "free",
                    "charges": [["meter": "ai_tokens", "amount": 1200]],
                    "metadata": ["trace": "abc"],
                ], headers: ["Idempotency-Key": "\"order-17\""], 200),
            .post("/api/v1/consume", ["tenant": "acme", "key": "k_gone"], 404),
            .post(
                "/api/v1/consume",
                ["tenant": "acme", "charges": [["meter": "api_calls", "amount": 1001]]], 429,
                keeps: ["refusal": ["decision_id"]]),
            .twice(
                "/api/v1/consume", ["tenant": "acme", "idempotency_key": "once"], (200, 409)),
            .post("/api/v1/check", ["tenant": "acme"], 200),
            .post(
                "/api/v1/check",
                ["tenant": "acme", "charges": [["meter": "api_calls", "amount": 1001]]], 200),
            .post("/api/v1/check", ["tenant": "acme", "key": "k_gone"], 404),
            .get("/api/v1/usage?tenant=acme", 200),
            .get("/api/v1/usage?tenant=nobody", 404),
            .get("/api/v1/explain/{refusal}", 200),
            .get("/api/v1/explain/d_0", 404),
            .post(
                "/api/v1/consume",
                ["tenant": "acme", "charges": [["meter": "ai_tokens", "amount": 3]]], 200,
                keeps: ["booked": ["decision_id"]]),
            .get("/api/v1/explain/{booked}?tenant=acme", 200),
            .post(
                "/api/v1/reserve", ["tenant": "acme"], 201, keeps: ["held": ["decision_id"]]),
            .get("/api/v1/explain/{held}", 200),
            .happening { $0.explanations.addSample(tenant: "acme", underWay: true) },
            .get("/api/v1/explain/d_first", 200),
            .patch("/api/admin/tenants/acme", ["status": "suspended"], 200),
            .post("/api/v1/consume", ["tenant": "acme"], 403),
            .post("/api/v1/check", ["tenant": "acme"], 200),
        ])

    static let questions = ContractChapter(
        name: "questions",
        steps: [
            .post("/api/admin/tenants", ["id": "acme"], 201),
            .get("/api/v1/plan?tenant=acme", 200),
            .get("/api/v1/plan?tenant=nobody", 404),
            .patch(
                "/api/admin/tenants/acme",
                ["trial": ["plan": "pro", "ends_at": "2027-01-01T00:00:00Z"]], 200),
            .get("/api/v1/plan?tenant=acme", 200),
            .get("/api/v1/effective-limit?tenant=acme&meter=ai_tokens&window=month", 200),
            .get("/api/v1/effective-limit?tenant=acme&meter=ai_tokens&window=day", 200),
            .get("/api/v1/effective-limit?tenant=nobody&meter=ai_tokens", 404),
            .put(
                "/api/admin/tenants/acme/overrides/ai_tokens/month",
                ["multiplier_percent": 150, "reason": "launch"], 201),
            .get("/api/v1/effective-limit?tenant=acme&meter=ai_tokens", 200),
            .get("/api/v1/can-generate?tenant=acme&tokens=1200", 200),
            .get("/api/v1/can-generate?tenant=acme&tokens=9007199254740991", 200),
            .get("/api/v1/can-generate?tenant=nobody", 404),
            .get("/api/v1/remaining-tokens?tenant=acme&model=gpt-small", 200),
            .get("/api/v1/remaining-tokens?tenant=nobody", 404),
            .get("/api/v1/is-near-limit?tenant=acme", 200),
            .get("/api/v1/is-near-limit?tenant=nobody", 404),
        ])

    static let reservations = ContractChapter(
        name: "reservations",
        steps: [
            .post(
                "/api/v1/reserve",
                ["tenant": "acme", "ttl_ms": 60_000, "on_expiry": "suspect"], 201,
                keeps: ["reservation": ["reservation_id"]]),
            .post("/api/v1/reserve", ["tenant": "acme", "key": "k_gone"], 404),
            .post(
                "/api/v1/reserve",
                ["tenant": "acme", "charges": [["meter": "api_calls", "amount": 1001]]], 429),
            .twice(
                "/api/v1/reserve", ["tenant": "acme", "idempotency_key": "once"], (201, 409)),
            .get("/api/admin/reservations?tenant=acme&limit=1", 200),
            .get("/api/v1/reservations/{reservation}", 200),
            .get("/api/v1/reservations/gone", 404),
            .post(
                "/api/v1/reservations/{reservation}/settle",
                ["charges": [["meter": "api_calls", "amount": 0]]], 200),
            .post(
                "/api/v1/reservations/gone/settle",
                ["charges": [["meter": "api_calls", "amount": 0]]], 404),
            .post("/api/v1/reservations/{reservation}/void", 409),
            .post("/api/v1/reservations/gone/void", 404),
            .post(
                "/api/v1/reserve", ["tenant": "acme"], 201,
                keeps: ["other": ["reservation_id"]]),
            .post("/api/v1/reservations/{other}/void", [:], 200),
            .post(
                "/api/v1/reservations/{other}/settle",
                ["charges": [["meter": "api_calls", "amount": 1]]], 409),
        ])

    static let allocations = ContractChapter(
        name: "allocations",
        steps: [
            .post(
                "/api/v1/allocations", ["tenant": "acme", "meter": "team_members", "delta": 2],
                200),
            .post(
                "/api/v1/allocations", ["tenant": "acme", "meter": "team_members", "set": 1], 200),
            .post(
                "/api/v1/allocations", ["tenant": "acme", "meter": "team_members", "delta": -2],
                422),
            .post(
                "/api/v1/allocations", ["tenant": "acme", "meter": "team_members", "delta": 9],
                429),
            .post(
                "/api/v1/allocations",
                ["tenant": "acme", "key": "k_gone", "meter": "projects", "delta": 1], 404),
            .twice(
                "/api/v1/allocations",
                ["tenant": "acme", "meter": "projects", "delta": 1, "idempotency_key": "once"],
                (200, 409)),
            .get("/api/v1/usage?tenant=acme", 200),
        ])

    static let batches = ContractChapter(
        name: "batches",
        steps: [
            .post(
                "/api/v1/batch",
                [
                    "operation": "consume",
                    "items": [
                        ["tenant": "acme", "idempotency_key": "a"],
                        ["tenant": "acme", "charges": [["meter": "api_calls", "amount": 1001]]],
                        ["tenant": "globex"],
                    ],
                ], 200),
            .post(
                "/api/v1/batch",
                ["operation": "consume", "items": [["tenant": "acme", "idempotency_key": "a"]]],
                200),
            .post("/api/v1/batch", ["operation": "check", "items": [["tenant": "acme"]]], 200),
            .post(
                "/api/v1/batch",
                ["operation": "reserve", "items": [["tenant": "acme", "ttl_ms": 1000]]], 200),
            .post(
                "/api/v1/batch", ["operation": "consume", "items": [[:]]],
                headers: ["Idempotency-Key": "b"], 422),
        ])

    static let forwardAuth = ContractChapter(
        name: "forward-auth",
        steps: [
            .get("/api/v1/forward-auth?tenant=acme", 204),
            .post(
                "/api/admin/keys", ["tenant": "acme", "name": "prod"], 201,
                keeps: ["secret": ["key"], "key": ["id"]]),
            .get("/api/v1/forward-auth?meter=ai_tokens&amount=5&model=gpt", as: "secret", 204),
            .get("/api/v1/forward-auth?tenant=acme&key={key}", 204),
            .get("/api/v1/forward-auth?tenant=acme&key=k_gone", 404),
            .get("/api/v1/forward-auth?tenant=acme&amount=1001", 429),
            .get("/api/v1/forward-auth?tenant=acme&amount=1001&deny_status=403", 403),
            .get("/api/v1/forward-auth?tenant=acme&amount=1001&deny_status=418", 418),
            .get("/api/v1/forward-auth?tenant=acme&amount=1001&deny_status=499", 499),
            .patch("/api/admin/tenants/acme", ["status": "suspended"], 200),
            .get("/api/v1/forward-auth", as: "secret", 403),
        ])
}
