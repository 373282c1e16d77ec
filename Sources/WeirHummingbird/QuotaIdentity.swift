public import HTTPTypes
public import Hummingbird
import Logging
public import Weir
import WeirHTTP

/// Who is charged for a request.
public struct QuotaSubject: Hashable, Sendable {
    /// Whose limits are asked.
    public var tenant: TenantID
    /// The API key that use is booked under, whose limits are asked besides.
    public var key: APIKeyID?
    /// The plan of the tenant, if this request creates it.
    public var plan: PlanID?
    /// The model that the request is for.
    public var model: ModelName?

    /// Creates a subject.
    ///
    /// - Parameters:
    ///   - tenant: whose limits are asked.
    ///   - key: the API key that use is booked under.
    ///   - plan: the plan of the tenant, if this request creates it.
    ///   - model: the model that the request is for.
    public init(
        tenant: TenantID,
        key: APIKeyID? = nil,
        plan: PlanID? = nil,
        model: ModelName? = nil
    ) {
        self.tenant = tenant
        self.key = key
        self.plan = plan
        self.model = model
    }
}

/// How a request says who is charged for it.
public enum QuotaIdentity<Context: RequestContext>: Sendable {
    /// By an API key, in `Authorization: Bearer` or `X-API-Key`; 401 for every bad one.
    case apiKey
    /// By a header with the tenant's id; 400 where it is missing.
    ///
    /// Only for headers that a proxy sets: who can write it can spend for any tenant.
    case header(HTTPField.Name, plan: PlanID? = nil)
    /// By what the application knows, for example after its own authentication; 401 for nil.
    case closure(@Sendable (Request, Context) async throws -> QuotaSubject?)
}

extension QuotaIdentity {
    /// The subject of a request, or the answer to one that has none.
    enum Found {
        case subject(QuotaSubject)
        case answer(Response)
    }

    func find(_ request: Request, _ context: Context, _ weir: Weir) async throws -> Found {
        switch self {
        case .apiKey: return try await byKey(request, context, weir)
        case .header(let name, let plan):
            guard let text = request.headers[name], let tenant = try? TenantID(text) else {
                let detail = "header \(name.rawName) must name the tenant"
                return .answer(DecisionResponse.problem(.badRequest, detail))
            }
            return .subject(QuotaSubject(tenant: tenant, plan: plan))
        case .closure(let subject):
            guard let subject = try await subject(request, context) else {
                return .answer(DecisionResponse.badKey())
            }
            return .subject(subject)
        }
    }

    private func byKey(
        _ request: Request,
        _ context: Context,
        _ weir: Weir
    ) async throws -> Found {
        guard let text = DecisionResponse.shownKey(request.headers) else {
            return .answer(DecisionResponse.badKey())
        }
        do throws(WeirError) {
            guard let key = try await weir.verifyKey(text), let tenant = key.tenant else {
                return .answer(DecisionResponse.badKey())
            }
            return .subject(QuotaSubject(tenant: tenant, key: key.id))
        } catch {
            // Whether a request may go unmetered is one question, who sent it another: nobody is
            // let in on the word of a key that can't be verified.
            context.logger.warning("an API key can't be verified", metadata: ["error": "\(error)"])
            return .answer(DecisionResponse.unavailable("API keys can't be verified; retry"))
        }
    }
}
