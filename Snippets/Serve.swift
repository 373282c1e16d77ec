// Limit the routes of a Hummingbird application.

// snippet.show
import Hummingbird
import Weir
import WeirHummingbird

let weir = try await Weir.open(Weir.Options(folder: "./weir-data"))

let router = Router()
router.group("api")
    .add(middleware: QuotaMiddleware(weir))
    .get("hello") { _, _ in "hello" }

// The engine closes when the application stops, after its last request.
let app = Application(router: router, services: [weir])
try await app.runService()
