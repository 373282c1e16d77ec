import HTTPTypes
import LLMWire
import NIOCore
import NIOHTTP1
import QuotaModel
import QuotaNode
import StrictJSON
import WeirHTTP

/// Why a request got no answer of a backend.
enum GatewayRefusal {
    /// What stands in the way before the tenant is asked about.
    case problem(GatewayProblem)
    /// A limit, a suspended tenant, or a ledger that can't be asked; with the meter of tokens.
    case decision(Decision, tokens: MeterID)
    /// The node could not decide.
    case node(NodeError)
    /// No backend answered as it should; with the head and the text of what one said.
    case backend(UpstreamFailure, HTTPResponseHead?, ByteBuffer)
}

/// A request that can't be meant, or may not be made.
struct GatewayProblem: Error {
    /// The status of the answer.
    var status: Int
    /// What kind of error the official clients take it for.
    var type: String
    /// A short name of it.
    var code: String?
    /// What is wrong, and the way out.
    var message: String
    /// The member of the body that is wrong.
    var param: String?
    /// Fields of the answer.
    var fields: [(name: String, value: String)] = []

    /// A request that is wrong in itself.
    static func invalid(
        _ message: String,
        status: Int = 400,
        param: String? = nil,
        code: String? = nil
    ) -> GatewayProblem {
        GatewayProblem(
            status: status, type: "invalid_request_error", code: code, message: message,
            param: param)
    }

    /// How much of a name is shown again, in bytes.
    private static let maximumShown = 64

    /// A model that the gateway does not know.
    static func unknownModel(_ name: String) -> GatewayProblem {
        let shown = String(decoding: name.utf8.prefix(maximumShown), as: UTF8.self)
        return invalid(
            "the model '\(shown)' does not exist; GET /v1/models lists "
                + "those that do",
            status: 404,
            param: "model", code: "model_not_found")
    }

    /// What the API says of a credential.
    init(_ problem: Problem) {
        let status = problem.status.code
        self.init(
            status: status,
            type: status == 401 ? "invalid_request_error" : Self.type(ofStatus: status),
            code: status == 401 ? "invalid_api_key" : nil, message: problem.detail)
        if let seconds = problem.retryAfterSeconds {
            fields.append(("Retry-After", String(seconds)))
        }
    }

    init(
        status: Int,
        type: String,
        code: String?,
        message: String,
        param: String? = nil
    ) {
        self.status = status
        self.type = type
        self.code = code
        self.message = message
        self.param = param
    }

    static func type(ofStatus status: Int) -> String {
        switch status {
        case 403: "permission_error"
        case 429: "requests"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }
}

/// An answer of the gateway's own.
struct GatewayAnswer {
    var status: Int
    var fields: [(name: String, value: String)]
    var body: ByteBuffer

    /// The longest wait that a backend's word is passed on for, in seconds: a day.
    private static let longestRetryAfter: Int64 = 86_400

    /// An answer as it is given.
    init(status: Int, fields: [(name: String, value: String)], body: ByteBuffer) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// The answer to a request that got none of a backend.
    init(_ refusal: GatewayRefusal) {
        switch refusal {
        case .problem(let problem): self.init(problem)
        case .decision(let decision, let tokens): self.init(decision, tokens)
        case .node(let error): self.init(GatewayProblem(Problem(error)))
        case .backend(let failure, let head, let body): self.init(failure, head, body)
        }
    }

    init(_ problem: GatewayProblem) {
        status = problem.status
        fields = [("Content-Type", "application/json")] + problem.fields
        body = Self.error(
            message: problem.message, type: problem.type, param: problem.param,
            code: problem.code)
    }

    /// What a decision that refuses is to the caller: which limit, when to retry, what would lift
    /// it.
    private init(_ decision: Decision, _ tokens: MeterID) {
        let rates = RateLimitFields(decision)
        fields = [("Content-Type", "application/json")]
        if let policy = rates.policy { fields.append(("RateLimit-Policy", policy)) }
        if let limit = rates.limit { fields.append(("RateLimit", limit)) }
        fields.append(("X-Weir-Decision-Id", decision.id))
        guard let refusal = decision.deniedBy else {
            (status, body) = (500, ByteBuffer())
            return
        }
        status =
            switch refusal.reason {
            case .quotaExceeded, .rateExceeded, .concurrencyExceeded: 429
            case .suspended: 403
            case .unavailable: 503
            }
        let milliseconds = refusal.retryAfterMilliseconds
        if refusal.reason == .quotaExceeded
            || refusal.reason == .rateExceeded && milliseconds == nil
        {
            // Trying again does not help before the period ends, or somebody pays.
            fields.append(("x-should-retry", "false"))
        }
        if let milliseconds {
            fields.append(("Retry-After", String((milliseconds + 999) / 1_000)))
            if refusal.reason != .quotaExceeded {
                fields.append(("retry-after-ms", String(milliseconds)))
            }
        } else if refusal.reason == .concurrencyExceeded || refusal.reason == .unavailable {
            fields.append(("Retry-After", "1"))
        }
        body = Self.error(
            message: refusal.message(decision), type: refusal.errorType(decision, tokens),
            param: nil,
            code: refusal.errorCode
        ) { writer in
            let status = decision.limits.first { $0.id == refusal.limitID }
            writer.member("limit_id", refusal.limitID)
            writer.member("scope", status?.scope.description)
            writer.member("requested", refusal.requested)
            writer.member("available", refusal.available)
            writer.member("retry_after_ms", milliseconds)
            writer.member("plan", decision.plan.text)
            if let upgrade = refusal.upgrade {
                writer.object("upgrade") { writer in
                    writer.member("plan", upgrade.plan.text)
                    writer.member("limit", upgrade.limit)
                }
            } else {
                writer.null("upgrade")
            }
            writer.member("decision_id", decision.id)
        }
    }

    /// What a backend's failure is to the caller: its own words only where they are about the
    /// request.
    private init(_ failure: UpstreamFailure, _ head: HTTPResponseHead?, _ text: ByteBuffer) {
        switch failure {
        case .status(let status, let seconds) where failure.isRetried:
            let isBusy = status == 429 || status == 503
            self.init(
                GatewayProblem(
                    status: isBusy ? 503 : 502, type: "server_error",
                    code: isBusy ? "no_capacity" : "backend_error",
                    message: isBusy
                        ? "no backend of the model has room at the moment; try again"
                        : "the backend failed with status \(status)"))
            fields.append(("Retry-After", String(min(seconds ?? 1, Self.longestRetryAfter))))
        case .status(let status, _):
            guard text.readableBytes > 0 else {
                self.init(
                    .invalid(
                        "the backend refused the request with status \(status)", status: status))
                return
            }
            let type = head?.headers.first(name: "content-type") ?? "application/json"
            self.init(status: status, fields: [("Content-Type", type)], body: text)
        case .noneFree(let seconds):
            self.init(
                GatewayProblem(
                    status: 503, type: "server_error", code: "no_capacity",
                    message: "no backend of the model has room at the moment; try again"))
            fields.append(("Retry-After", String(seconds)))
        case .timedOut:
            self.init(
                GatewayProblem(
                    status: 504, type: "server_error", code: "backend_timeout",
                    message: "the backend did not answer in time"))
        case .outOfTime:
            self.init(
                GatewayProblem(
                    status: 504, type: "server_error", code: "backend_timeout",
                    message: "the request took longer than requests may"))
        case .overrun:
            self.init(
                GatewayProblem(
                    status: 502, type: "server_error", code: "backend_error",
                    message: "the backend sent more than was asked for"))
        case .reported(let text):
            self.init(
                GatewayProblem(
                    status: 502, type: "server_error", code: "backend_error",
                    message: "the backend failed: \(text)"))
        case .unreachable, .stale:
            self.init(
                GatewayProblem(
                    status: 503, type: "server_error", code: "no_capacity",
                    message: "no backend of the model can be reached at the moment; try again"))
            fields.append(("Retry-After", "1"))
        case .broken:
            self.init(
                GatewayProblem(
                    status: 502, type: "server_error", code: "backend_error",
                    message: "the connection to the backend broke before it had answered"))
        case .garbage(let what):
            self.init(
                GatewayProblem(
                    status: 502, type: "server_error", code: "backend_error", message: what))
        }
    }

    /// An error as the official clients read it.
    static func error(
        message: String,
        type: String,
        param: String?,
        code: String?,
        _ more: (inout JSONWriter) -> Void = { _ in }
    ) -> ByteBuffer {
        var writer = JSONWriter()
        writer.object { writer in
            writer.object("error") { writer in
                writer.member("message", message)
                writer.member("type", type)
                writer.member("param", param)
                writer.member("code", code)
                more(&writer)
            }
        }
        return ByteBuffer(bytes: writer.bytes)
    }
}

extension Refusal {
    /// Milliseconds until a retry can succeed, rounded up; nil when waiting does not help.
    var retryAfterMilliseconds: Int64? {
        retryAfterNanoseconds.map { $0 / 1_000_000 + ($0 % 1_000_000 > 0 ? 1 : 0) }
    }

    /// What the official clients take it for.
    fileprivate func errorType(_ decision: Decision, _ tokens: MeterID) -> String {
        switch reason {
        case .quotaExceeded: "insufficient_quota"
        case .rateExceeded, .concurrencyExceeded:
            decision.limits.first { $0.id == limitID }?.meter == tokens ? "tokens" : "requests"
        case .suspended: "permission_error"
        case .unavailable: "server_error"
        }
    }

    fileprivate var errorCode: String {
        switch reason {
        case .quotaExceeded: "insufficient_quota"
        case .rateExceeded, .concurrencyExceeded: "rate_limit_exceeded"
        case .suspended: "suspended"
        case .unavailable: "unavailable"
        }
    }

    fileprivate func message(_ decision: Decision) -> String {
        guard let limitID else {
            return decision.warnings.last ?? "the request can't be decided at the moment; try again"
        }
        var text = "\(limitID): \(requested) requested, \(available) available"
        let status = decision.limits.first { $0.id == limitID }
        switch reason {
        case .quotaExceeded:
            if let reset = status?.resetAt { text += "; the limit is reset at \(reset)" }
        case .rateExceeded, .concurrencyExceeded:
            if let wait = retryAfterMilliseconds {
                text += "; try again in \(wait) ms"
            } else if reason == .rateExceeded {
                text += "; no wait is long enough: ask for less"
            }
        case .suspended, .unavailable: break
        }
        if let upgrade {
            let limit = upgrade.limit.map { "allows \($0)" } ?? "has no such limit"
            text += "; plan \"\(upgrade.plan.text)\" \(limit)"
        }
        return text
    }
}
