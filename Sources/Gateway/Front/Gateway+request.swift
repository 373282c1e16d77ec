import LLMWire
import QuotaModel

extension Gateway {
    /// What a caller asks for.
    ///
    /// - Parameters:
    ///   - gathering: the whole request.
    ///   - endpoint: what it is for.
    ///   - named: the model in its path; nil where the body names it.
    ///   - key: who asks.
    /// - Returns: the request, which its model can serve.
    /// - Throws: what is wrong with it.
    func request(
        _ gathering: Gathering,
        _ endpoint: Endpoint,
        model named: String?,
        _ key: APIKey
    ) throws(GatewayProblem) -> ExchangeRequest {
        let scan: RequestScan
        do throws(RequestProblem) {
            scan = try RequestScan.scan(gathering.body, endpoint: endpoint)
        } catch {
            throw .invalid(error.message, param: error.param)
        }
        guard let name = named ?? scan.model else {
            throw .invalid(
                "'model' is missing: say which model is meant; GET /v1/models lists them",
                param: "model")
        }
        guard let model = models[name] else { throw .unknownModel(name) }
        guard model.serves(endpoint) else {
            throw .invalid(
                "the model '\(name)' has no backend for \(endpoint.name)", status: 404,
                param: "model", code: "model_not_found")
        }
        guard let tenant = key.tenant else {
            throw .invalid("use a tenant's API key here", status: 403)
        }
        let request = ExchangeRequest(
            endpoint: endpoint, model: model, scan: scan, tenant: tenant, key: key.id,
            head: gathering.head, body: gathering.body, id: gathering.head.requestID)
        if let output = request.maximumOutput, output > model.maximumOutput {
            throw .invalid(
                "the request may have \(model.maximumOutput) output tokens at most, all choices "
                    + "together, not \(output)", param: "max_tokens")
        }
        return request
    }
}
