import Domain
import Picture
import Primitives
import Testing

@Suite("Prices and estimates")
struct BillingTests {
    /// 92 s of PAL at 25 frames a second.
    private static let source = SourceFormat(
        size: PictureSize(width: 720, height: 576), sampleAspectRatio: Rational(16, 15), frameRate: Rational(25, 1),
        durationMilliseconds: 92_000, fieldOrder: .topFirst, format: .yuv420p)

    private static let everything = {
        var capabilities = Capabilities.current
        capabilities.deinterlacers = ProcessingOptions.Deinterlacer.allCases
        capabilities.denoisers = ProcessingOptions.Denoiser.allCases
        capabilities.frameRateConverters = ProcessingOptions.FrameRateConverter.allCases
        capabilities.outputScannings = ProcessingOptions.OutputScanning.allCases
        return capabilities
    }()

    /// Denoised and enlarged to 1920×1080, as 8-bit HEVC, with more filters and settings.
    private static func recipe(filters: String = #""deinterlacer":"DEINT""#, settings: String = "", more: String = "") throws
        -> ProcessingRecipe
    {
        let text = """
            {"filters":{"denoiser":"DENOISE","scaler":"SCALE",\(filters)},"filterSettings":{"interlacedFieldOrderMode":"TOP_FIELD_FIRST",
            "resolution":{"width":1920,"height":1080}\(settings)}\(more)}
            """
        return try ProcessingOptions(json: JSON(parsing: text)).validated(for: source, capabilities: everything)
    }

    @Test("every product is measured by the pixels it puts out, at the frame rate it puts them out")
    func work() throws {
        let work = try Self.recipe().work(sourceFrames: 2300)
        #expect(work.items.map(\.product) == [.deint, .denoise, .scale, .hevc])
        #expect(work.items.map(\.amount.thousandths) == [1908, 1908, 9539, 9539])
        #expect(work.outputFrames == 4600)
        #expect(work.outputDurationMilliseconds == 92_000)
    }

    @Test("a new frame rate counts from its converter on, interlacing for the encoder alone")
    func frameRates() throws {
        let recipe = try Self.recipe(
            filters: #""deinterlacer":"YADIF","frameRateConverter":"VFI""#, settings: #","frameRate":{"fps":100}"#,
            more: #","processingSettings":{"outputScanning":"INTERLACED_TOP_FIRST"},"encodingConfiguration":{"codec":"H264"}"#)
        let work = recipe.work(sourceFrames: 2300)
        #expect(work.items.map(\.product) == [.yadif, .denoise, .scale, .vfi, .h264])
        #expect(work.items.map(\.amount.thousandths) == [954, 954, 4769, 19_077, 9539])
    }

    @Test("items add up to the total, and the discount is taken from each")
    func quote() throws {
        var card = RateCard.standard
        card.products[.scale] = RateCard.Price(dollars: Dollars(thousandths: 1000), credits: 100)
        let quote = card.quote(try Self.recipe().work(sourceFrames: 2300), baseVolume: Gigapixels(thousandths: 97_106))
        #expect(quote.volume.thousandths == 22_894)
        #expect(quote.discountPercentage == 4.2, "120 GP of 1000 at a ceiling of 35 %")
        let scale = quote.items[2]
        #expect([scale.normalCost, scale.discount, scale.cost].map(\.thousandths) == [9539, 401, 9138])
        let total = quote.normalCost - quote.discount
        #expect(quote.cost == total)
        #expect(quote.items.map(\.credits) == [96, 77, 954, 96], "credits are whole, rounded up, and know no discount")
    }

    @Test(
        "the discount grows evenly to its ceiling",
        arguments: zip([0, 1, 500_000, 999_999, 1_000_000, 5_000_000], [0, 0, 175, 349, 350, 350]))
    func discount(volume: Int64, tenths: Int) {
        #expect(RateCard.standard.discountTenths(volume: Gigapixels(thousandths: volume)) == tenths)
    }

    @Test("an operator's card changes what it names; a free one is free")
    func reading() throws {
        let text = #"""
            {"products":{"DVRES2":{"usd":0.125,"credits":7}},"otherProducts":{"usd":0,"credits":0},
            "discount":{"ceilingPercentage":12.5,"fullAtGigapixels":10},"requiresBalance":true}
            """#
        let card = try RateCard(json: JSON(parsing: text))
        #expect(card.price(of: .dvres2) == RateCard.Price(dollars: Dollars(thousandths: 125), credits: 7))
        #expect(card.price(of: .hevc) == .free)
        #expect(card.storage == RateCard.standard.storage)
        #expect(card.discountTenths(volume: Gigapixels(thousandths: 5000)) == 62)
        #expect(card.requiresBalance)
        #expect(try RateCard(json: JSON(parsing: "{}")) == .standard)
    }

    @Test(
        "a card that cannot be says all that is wrong with it",
        arguments: [
            (#"{"products":{"DVRES3":{"usd":1,"credits":1}}}"#, "products.DVRES3"),
            (#"{"storage":{"usd":0.0005,"credits":0}}"#, "storage.usd"), (#"{"download":{"usd":1}}"#, "download.credits"),
            (#"{"download":{"usd":-1,"credits":0}}"#, "download.usd"), (#"{"download":{"usd":1,"credits":0.5}}"#, "download.credits"),
            (#"{"discount":{"ceilingPercentage":101}}"#, "discount.ceilingPercentage"),
            (#"{"discount":{"fullAtGigapixels":0}}"#, "discount.fullAtGigapixels"), (#"{"requiresBalance":1}"#, "requiresBalance"),
            ("[]", ""),
        ])
    func badCard(text: String, field: String) throws {
        let json = try JSON(parsing: text)
        let failure = try #require(throws: ValidationFailure.self) { _ = try RateCard(json: json) }
        #expect(failure.problems.map(\.field) == [field])
    }

    @Test("the size follows from the bit rate that was asked for, the class's, or the codec's rule of thumb")
    func size() throws {
        var encoding = try Self.recipe().encoding
        let size = PictureSize(width: 1920, height: 1080)
        encoding.bitrate = 20_000_000
        #expect(encoding.estimatedBytes(size: size, frames: 4600, milliseconds: 92_000) == 235_273_440)
        encoding.bitrate = .max
        #expect(encoding.estimatedBytes(size: size, frames: 4600, milliseconds: 92_000) == 1_000_000_000_000_000_000)
        encoding.bitrate = nil
        encoding.codec = .dnxhd
        encoding.profile = .dnxhd185xHQX
        let dnxhd = encoding.estimatedBytes(size: size, frames: 2300, milliseconds: 92_000)
        let rate = Double(dnxhd) * 8 / 92
        #expect((185e6...189e6).contains(rate))
        (encoding.codec, encoding.profile) = (.proRes, .proRes422HQ)
        let proRes = encoding.estimatedBytes(size: size, frames: 2757, milliseconds: 92_000)
        let proResRate = Double(proRes) * 8 / 92
        #expect((210e6...230e6).contains(proResRate), "220 Mbit/s at 29.97 frames a second")
    }

    @Test("time is taken from what was measured, product by product, else from the defaults")
    func time() throws {
        let work = try Self.recipe().work(sourceFrames: 2300)
        let fresh = ComputeHistory().estimate(work)
        #expect(fresh.device == nil && fresh.errorPercentage == nil)
        #expect(fresh.seconds == 439)
        let measured = ComputeHistory(device: "GPU", rates: [.hevc: 1, .scale: 1], errorPercentage: 12).estimate(work)
        #expect(measured.seconds == 58, "1.908 GP twice at the default 10 s, 9.539 GP twice at 1 s")
        #expect(measured.errorPercentage == 12)
    }
}
