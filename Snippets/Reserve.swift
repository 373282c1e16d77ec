// Hold units for work whose cost is known only afterwards.

// snippet.hide
import Weir

/// Stands for a call to a model.
func generate(_ prompt: String) async throws -> (text: String, tokens: Int64) {
    (prompt.uppercased(), Int64(prompt.utf8.count / 4))
}
// snippet.show

func answer(_ prompt: String, for tenant: TenantID, with weir: Weir) async throws -> String {
    switch try await weir.reserve(
        tenant: tenant, charges: [Charge(meter: .aiTokens, amount: 4_000)],
        timeToLive: .seconds(120), onExpiry: .post)
    {
    case .refused(let decision):
        return "refused by \(decision.deniedBy?.limitID ?? "nothing")"
    case .held(let reservation):
        let text: String
        let tokens: Int64
        do {
            (text, tokens) = try await generate(prompt)
        } catch {
            try await reservation.void()
            throw error
        }
        try await reservation.settle([Charge(meter: .aiTokens, amount: tokens)])
        return text
    }
}

// snippet.hide
try await Weir.withOpen(Weir.Options(folder: "./weir-data")) { weir in
    print(try await answer("hello", for: "acme", with: weir))
}
