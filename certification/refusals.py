"""What this area refuses, in rank order: when several apply, the first answers and all are listed.

Numbers in braces are filled in by the rule that refuses; masses are in kilograms.
"""

from __future__ import annotations

from runtime.refusal import RefusalCode, Sentence


class CertificationRefusal(RefusalCode):
    """Refusals of schemes, certificates and quotas."""

    OWN_CERTIFICATE = Sentence(
        403,
        "不得办理本单位持有的证书",
        "Nobody decides about a certificate that their own party holds",
    )
    CERTIFICATE_UNKNOWN = Sentence(404, "没有此证书", "There is no such certificate")
    SCHEME_UNKNOWN = Sentence(422, "没有此品牌或标志制度", "There is no such scheme")
    NUMBER_MALFORMED = Sentence(
        422, "证书编号格式不符合该制度的规定", "The number does not have the form of this scheme"
    )
    NUMBER_TAKEN = Sentence(409, "此证书编号已被使用", "This certificate number is already in use")
    PRODUCTS_MISSING = Sentence(
        422, "证书至少要写明一个产品", "A certificate names at least one product"
    )
    SCOPE_REPEATED = Sentence(422, "产品或基地重复", "A product or base is named twice")
    DATES_REVERSED = Sentence(
        422, "有效期截止日早于起始日", "The last day lies before the first day"
    )
    DATE_OUT_OF_RANGE = Sentence(
        422, "日期须在 {first} 年到 {last} 年之间", "Dates lie between the years {first} and {last}"
    )
    END_MISSING = Sentence(
        422, "该制度的证书须写明截止日", "Certificates of this scheme need a last day"
    )
    VALIDITY_TOO_LONG = Sentence(
        422,
        "有效期最长 {years} 年，最晚到 {latest}",
        "The longest term is {years} years, up to {latest}",
    )
    QUANTITY_MISSING = Sentence(
        422, "该制度限量用标，须写明核定数量", "This scheme bounds quantities: one must be granted"
    )
    QUANTITY_NOT_BOUNDED = Sentence(422, "该制度不核定数量", "This scheme bounds no quantity")
    QUANTITY_INVALID = Sentence(
        422,
        "数量无效：须为正数，且单位能精确换算",
        "The quantity is not valid: positive, in a unit that converts exactly",
    )
    UNIT_NOT_OF_SCHEME = Sentence(
        422, "该制度不以此单位核定数量", "This scheme does not grant quantities in this unit"
    )
    IN_THE_FUTURE = Sentence(
        422, "生效时间不得晚于现在", "The decision cannot take effect later than now"
    )
    OUT_OF_ORDER = Sentence(
        409,
        "生效时间早于上一次变更",
        "The decision would take effect before the change that came last",
    )
    CERTIFICATE_ANNULLED = Sentence(409, "发证已被更正为无效", "The grant was declared an error")
    CERTIFICATE_REVOKED = Sentence(409, "标志使用已撤销", "The right to use the mark is revoked")
    CERTIFICATE_SUSPENDED = Sentence(
        409, "标志使用已暂停", "The right to use the mark is suspended"
    )
    CERTIFICATE_EXPIRED = Sentence(409, "标志使用期已过", "The right to use the mark has ended")
    CERTIFICATE_NOT_YET = Sentence(
        409, "标志使用期尚未开始", "The right to use the mark has not begun"
    )
    CERTIFICATE_NOT_SUSPENDED = Sentence(
        409, "标志使用并未暂停", "The right to use the mark is not suspended"
    )
    CERTIFICATE_NOT_FOR_PRODUCT = Sentence(
        409,
        "此证书不属于该主体，或未写明此产品",
        "This certificate is another party's, or does not name this product",
    )
    CERTIFICATE_AMBIGUOUS = Sentence(
        409,
        "此产品有多张限量证书，请写明证书编号",
        "Several certificates bound this product: name one",
    )
    ARTWORK_UNKNOWN = Sentence(
        404, "该品牌或标志还没有登记图样", "No artwork is registered for this scheme"
    )
    ARTWORK_TOO_LARGE = Sentence(
        422,
        "标志图样过大：文件不超过 {most_kib} KiB",
        "The mark artwork is too large: a file holds {most_kib} KiB at most",
    )
    ARTWORK_MALFORMED = Sentence(
        422,
        "标志图样须为一个完整的 PNG 文件，不接受动图",
        "Mark artwork must be one whole PNG file, without animation",
    )
    ARTWORK_SIDES = Sentence(
        422,
        "标志图样的边长须为 {least} 到 {most:,} 像素",
        "The sides of mark artwork have {least} to {most:,} pixels",
    )
    CHANGE_UNKNOWN = Sentence(
        404, "没有要更正的变更", "There is no such change to declare an error"
    )
    CHANGE_ANNULLED = Sentence(
        409, "此变更已经更正，或本身是更正", "This change is annulled already, or is an annulment"
    )
    UNITS_INVALID = Sentence(
        422, "数量须为正整数", "The number of units must be a positive whole number"
    )
    OVER_QUOTA_MASS = Sentence(
        409,
        "超出核定数量：核定 {granted} 公斤，已印 {printed} 公斤，作废 {void} 公斤，"
        "余 {left} 公斤，本次 {asked} 公斤",
        "Over the granted quantity: granted {granted} kg, printed {printed} kg, void {void} kg, "
        "left {left} kg, asked {asked} kg",
    )
    OVER_QUOTA_PIECES = Sentence(
        409,
        "超出核定数量：核定 {granted} 件，已印 {printed} 件，作废 {void} 件，余 {left} 件，"
        "本次 {asked} 件",
        "Over the granted quantity: granted {granted} pieces, printed {printed}, void {void}, "
        "left {left}, asked {asked}",
    )
    OVER_VOID = Sentence(
        409,
        "作废数量超过已印数量：已印 {printed}，已作废 {void}，本次 {asked}",
        "More would be void than was printed: printed {printed}, void {void}, asked {asked}",
    )
    ARTWORK_NOT_STORED = Sentence(
        503,
        "标志图样未能写入存储，本次登记没有生效，请稍后重试",
        "Storage did not accept the mark artwork; nothing was registered, try again later",
    )
    ARTWORK_LOST = Sentence(
        503,
        "标志图样的文件缺失或已损坏，请重新上传，或由平台运营方从备份恢复",
        "The file of the mark artwork is missing or damaged: upload it again, or let the operator "
        "restore it",
    )
