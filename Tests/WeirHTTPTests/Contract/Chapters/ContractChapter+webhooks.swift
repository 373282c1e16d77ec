import QuotaNode
import QuotaTesting
import StrictJSON

extension ContractChapter {
    static let webhooks = ContractChapter(
        name: "webhooks",
        steps: [
            .post("/api/admin/tenants", ["id": "acme"], 201),
            .post(
                "/api/admin/webhooks",
                [
                    "id": "ops", "url": "https://hooks.example.com/weir", "tenant": "acme",
                    "events": ["quota.exhausted", "quota.threshold_reached"], "reason": "on call",
                ], 201),
            .post("/api/admin/webhooks", ["url": "https://hooks.example.com/all"], 201),
            .post(
                "/api/admin/webhooks", ["id": "ops", "url": "https://hooks.example.com/weir"], 409),
            .post("/api/admin/webhooks", ["url": "https://inside.example.com/"], 422),
            .get("/api/admin/webhooks?limit=1", 200),
            .get("/api/admin/webhooks/ops", 200),
            .get("/api/admin/webhooks/gone", 404),
            .post(
                "/api/v1/consume",
                ["tenant": "acme", "charges": [["meter": "api_calls", "amount": 1_000]]], 200),
            .happening { try await $0.node.fold() },
            .get(
                "/api/admin/webhooks/ops/deliveries?state=pending&limit=1", 200,
                keeps: ["message": ["items", 0, "id"]]),
            .get("/api/admin/webhooks/gone/deliveries", 404),
            .post(
                "/api/admin/webhooks/ops/replay", ["deliveries": ["msg_1_1"]], 422),
            .post("/api/admin/webhooks/ops/replay", ["since": "2026-11-01T00:00:00Z"], 200),
            .post("/api/admin/webhooks/ops/replay", ["state": "dead"], 200),
            .post("/api/admin/webhooks/gone/replay", ["state": "dead"], 404),
            .patch(
                "/api/admin/webhooks/ops",
                ["status": "disabled", "events": nil, "tenant": nil], 200),
            .patch("/api/admin/webhooks/gone", ["status": "active"], 404),
            .post("/api/admin/webhooks/ops/rotate", ["overlap_seconds": 60], 200),
            .get("/api/admin/webhooks/ops", 200),
            .post("/api/admin/webhooks/ops/rotate", 200),
            .post("/api/admin/webhooks/gone/rotate", 404),
            .get("/api/admin/audit?subject=ops", 200),
            .delete("/api/admin/webhooks/ops", 204),
            .delete("/api/admin/webhooks/ops", 404),
        ])
}
