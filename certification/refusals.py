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
    ROLE_NOT_ALLOWED = Sentence(
        403, "您在此案件中的身份不能办理此事", "Your part in this case does not allow this"
    )
    PERSON_REQUIRED = Sentence(
        403,
        "此事须由本人用自己的账户办理",
        "This takes a person with an account of their own",
    )
    OWN_CASE = Sentence(
        403,
        "申请单位的人员不得办理本单位的案件",
        "Nobody of the applicant handles the applicant's own case",
    )
    NOT_APPOINTED = Sentence(
        403,
        "所在机构未被指定办理此制度的这一环节",
        "Your party is not appointed to do this for the scheme",
    )
    NO_DECLARATION = Sentence(
        403,
        "请先声明与申请单位有无利害关系",
        "First declare whether you have a relation to the applicant",
    )
    NOT_COMPETENT = Sentence(
        403,
        "没有此项工作的有效能力认定",
        "No valid competence for this task is on record",
    )
    CONFLICT_DECLARED = Sentence(
        403,
        "已声明与申请单位有利害关系，须回避",
        "A relation to the applicant was declared: somebody else has to do this",
    )
    REVIEWER_MAY_NOT_EVALUATE = Sentence(
        403,
        "已参加本案复核的人不得参加评价",
        "Who reviewed this case does not evaluate it",
    )
    EVALUATOR_MAY_NOT_REVIEW = Sentence(
        403,
        "已参加本案评价的人不得复核",
        "Who evaluated this case does not review it",
    )
    DECIDER_MAY_NOT_EXAMINE = Sentence(
        403,
        "已参加本案审定的人不得评价或复核",
        "Who decided in this case neither evaluates nor reviews it",
    )
    EXAMINER_MAY_NOT_DECIDE = Sentence(
        403,
        "已参加本案评价或复核的人不得审定",
        "Who evaluated or reviewed this case does not decide it",
    )
    EXCLUDED_FROM_CASE = Sentence(
        403,
        "申诉成立后，原办理人员须回避",
        "After a successful appeal the people who acted before stay away",
    )
    OWN_COMPETENCE = Sentence(
        403,
        "不得为本人认定能力",
        "Nobody vouches for their own competence",
    )
    ASSIGNED_TO_ANOTHER = Sentence(
        403, "此步骤已指派给他人", "This step is assigned to somebody else"
    )
    INVOLVED_IN_MATTER = Sentence(
        403,
        "参与过原决定的人不得处理对它的申诉或投诉",
        "Who was involved does not decide an appeal or complaint about it",
    )
    APPEAL_NOT_OF_PARTY = Sentence(
        403,
        "申诉须由决定所涉单位提出；其他人可以投诉或举报",
        "An appeal comes from the party concerned; others may complain",
    )
    NOT_INSPECTOR_OF_THIS = Sentence(
        403,
        "您不是这次检查的检查员",
        "You are not an inspector of this visit",
    )
    DRAW_OFFICE_OTHER = Sentence(
        403,
        "您所在单位不参加这次抽查摇号",
        "Your office takes no part in this draw",
    )
    CERTIFICATE_UNKNOWN = Sentence(404, "没有此证书", "There is no such certificate")
    PERMIT_UNKNOWN = Sentence(404, "没有此准印证", "There is no such print permit")
    TRANSACTION_UNKNOWN = Sentence(404, "没有此销售证", "There is no such transaction certificate")
    PAPER_UNKNOWN = Sentence(404, "没有此证书文件", "There is no such paper of a certificate")
    CASE_UNKNOWN = Sentence(404, "没有此案件", "There is no such case")
    APPOINTMENT_UNKNOWN = Sentence(404, "没有此项指定", "There is no such appointment")
    COMPETENCE_UNKNOWN = Sentence(404, "没有此项能力认定", "There is no such competence")
    APPEAL_UNKNOWN = Sentence(404, "没有此申诉或投诉", "There is no such appeal or complaint")
    OBJECTION_UNKNOWN = Sentence(404, "没有此异议", "There is no such objection")
    EVIDENCE_UNKNOWN = Sentence(404, "没有此证明材料", "There is no such evidence")
    LAB_UNKNOWN = Sentence(404, "没有此检验机构", "There is no such laboratory")
    ACCREDITATION_UNKNOWN = Sentence(
        404, "没有此检验机构资质", "There is no such accreditation of a laboratory"
    )
    REPORT_UNKNOWN = Sentence(404, "没有此检验报告", "There is no such laboratory report")
    INSPECTION_UNKNOWN = Sentence(404, "没有此次检查", "There is no such inspection")
    NONCONFORMITY_UNKNOWN = Sentence(404, "没有此不符合项", "There is no such nonconformity")
    PHOTO_UNKNOWN = Sentence(404, "没有这张检查照片", "There is no such photo of an inspection")
    DRAW_UNKNOWN = Sentence(404, "没有此次抽查摇号", "There is no such random draw")
    SCHEME_UNKNOWN = Sentence(422, "没有此品牌或标志制度", "There is no such scheme")
    SCHEME_VERSION_UNKNOWN = Sentence(
        422, "没有该制度的这一版本", "There is no such version of this scheme"
    )
    SCHEME_NOT_IN_FORCE = Sentence(
        409,
        "该制度没有已发布且生效的版本，不能受理申请",
        "No version of this scheme is published and in force, so nothing can be applied for",
    )
    SCHEME_NOT_WHOLE = Sentence(
        422,
        "此版本只供查阅旧证书，没有办理步骤，不能发布",
        "This version only explains old certificates; without steps it cannot be published",
    )
    SCHEME_PUBLISHED_OTHERWISE = Sentence(
        409,
        "此版本已按另一内容发布，修改请用新版本号",
        "This version is published with another content; a change needs a new version",
    )
    SCHEME_VERSION_PASSED = Sentence(
        409,
        "已发布更新的版本，不能再发布旧版本",
        "A newer version is published; an older one cannot follow it",
    )
    SCHEME_TAKES_NO_NEW = Sentence(
        409, "该制度不受理新的申请", "This scheme takes no first applications"
    )
    CALENDAR_YEAR_UNKNOWN = Sentence(
        409,
        "{year} 年的节假日安排尚未录入，无法计算工作日",
        "The public holidays of {year} are not on record, so working days cannot be counted",
    )
    NUMBER_MALFORMED = Sentence(
        422, "证书编号格式不符合该制度的规定", "The number does not have the form of this scheme"
    )
    NUMBER_NOT_OF_PLACE = Sentence(
        422,
        "编号中的地区代码与持有人所在地不符",
        "The place in the number is not the holder's",
    )
    NUMBER_NOT_OF_TERM = Sentence(
        422,
        "编号中的年月与有效期不符",
        "Year or month in the number do not agree with the term",
    )
    NUMBER_NOT_OF_HOLDER = Sentence(
        422,
        "编号不是持有人的统一社会信用代码",
        "The number is not the holder's credit code",
    )
    NUMBER_NOT_OF_GRADE = Sentence(
        422, "编号中的等级与申请等级不符", "The grade in the number is not the one granted"
    )
    NUMBER_ISSUED_ELSEWHERE = Sentence(
        409,
        "该制度的编号由国家机构赋予，本平台不编号",
        "Numbers of this scheme come from a national office and are not made here",
    )
    NUMBERS_EXHAUSTED = Sentence(
        409, "{year} 年的编号已用完", "All numbers of the year {year} are used"
    )
    NUMBER_TAKEN = Sentence(409, "此证书编号已被使用", "This certificate number is already in use")
    PRODUCTS_MISSING = Sentence(
        422, "证书至少要写明一个产品", "A certificate names at least one product"
    )
    SCOPE_REPEATED = Sentence(422, "产品或基地重复", "A product or base is named twice")
    LINE_NOT_OF_SCOPE = Sentence(
        422, "分项的产品不在证书范围内", "A line names a product outside the scope"
    )
    MARK_DAY_NOT_OF_SCOPE = Sentence(
        422,
        "起用标志日所指的产品或基地不在证书范围内",
        "A first day of the mark names a product or base outside the scope",
    )
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
    CONFIRM_BY_MISSING = Sentence(
        422,
        "该制度须年度确认，须写明确认期限",
        "Certificates of this scheme are confirmed yearly: name the first day of it",
    )
    CONFIRM_BY_TOO_EARLY = Sentence(
        422, "确认期限早于起始日", "The confirmation would be due before the first day"
    )
    CONFIRM_BY_NOT_LATER = Sentence(
        422, "新的确认期限须晚于现有期限", "The new day of confirmation must be a later one"
    )
    CONFIRM_BY_TOO_FAR = Sentence(
        422,
        "一次确认最长一年，最晚到 {latest}",
        "A confirmation holds for one year at most, until {latest}",
    )
    TERM_GAP = Sentence(
        422,
        "新的有效期须与原有效期衔接，最晚从 {latest} 开始",
        "The new term must follow without a gap, from {latest} at the latest",
    )
    QUANTITY_MISSING = Sentence(
        422, "该制度限量用标，须写明核定数量", "This scheme bounds quantities: one must be granted"
    )
    QUANTITY_NOT_BOUNDED = Sentence(422, "该制度不核定数量", "This scheme bounds no quantity")
    QUANTITY_TWICE = Sentence(
        422,
        "已按分项核定数量，不得再写总量",
        "The quantity is bounded line by line; no total beside them",
    )
    QUANTITY_INVALID = Sentence(
        422,
        "数量无效：须为正数，且单位能精确换算",
        "The quantity is not valid: positive, in a unit that converts exactly",
    )
    UNIT_NOT_OF_SCHEME = Sentence(
        422, "该制度不以此单位核定数量", "This scheme does not grant quantities in this unit"
    )
    NONCE_MALFORMED = Sentence(
        422,
        "nonce 须为 8 到 128 个字母、数字或 . _ ~ -",
        "The nonce has 8 to 128 letters, digits or . _ ~ -",
    )
    NOTHING_CHANGED = Sentence(422, "没有写明变更内容", "Nothing would change")
    DOCUMENT_REQUIRED = Sentence(
        422, "补录证书须写明依据文件", "Recording a certificate needs the document behind it"
    )
    BODY_INVALID = Sentence(
        422, "接管机构须是另一个已登记的机构", "The certificate moves to another registered body"
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
    CERTIFICATE_CANCELLED = Sentence(
        409, "证书已注销", "The certificate was given up by its holder"
    )
    CERTIFICATE_SUPERSEDED = Sentence(
        409, "证书已由新证书替代", "Another certificate has taken its place"
    )
    CERTIFICATE_TRANSFERRED = Sentence(
        409, "证书已转由其他主体持有", "The certificate was passed on to another holder"
    )
    CERTIFICATE_NOT_YET = Sentence(
        409, "标志使用期尚未开始", "The right to use the mark has not begun"
    )
    CERTIFICATE_NOT_SUSPENDED = Sentence(
        409, "标志使用并未暂停", "The right to use the mark is not suspended"
    )
    CONFIRMATION_NOT_ASKED = Sentence(
        409, "此证书不需要年度确认", "This certificate needs no yearly confirmation"
    )
    SUCCESSOR_NOT_VALID = Sentence(
        409, "接替的证书无效", "The certificate that is to take the place is not valid"
    )
    SUCCESSOR_HOLDER = Sentence(
        409,
        "换发须是同一持有人，转移须是另一持有人",
        "A superseding certificate has the same holder, one that is passed on another",
    )
    CASE_REQUIRED = Sentence(
        409,
        "该制度的证书在本平台经办案件后发放，不能直接补录",
        "Certificates of this scheme are granted by a case here, not recorded",
    )
    NUMBER_AMBIGUOUS = Sentence(
        409,
        "此编号有多张证书，请写明品牌或标志制度",
        "Several schemes have a certificate of this number: name the scheme",
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
    EVENT_UNKNOWN = Sentence(422, "没有这种办理事项", "There is no such event")
    EVENT_NOT_POSSIBLE = Sentence(
        409,
        "现为“{state_zh}”，不能办理“{event_zh}”",
        "Not possible now: the state is “{state_en}”, asked for was “{event_en}”",
    )
    BARRED_UNTIL = Sentence(
        409,
        "处于禁止申请期，至 {day} 止（含当日）",
        "The holder is barred: no application is taken up to and including {day}",
    )
    TRACK_NOT_OFFERED = Sentence(
        409, "该制度现不受理此类申请", "This scheme takes no applications of this kind now"
    )
    CASE_RUNNING = Sentence(
        409,
        "已有同类申请正在办理，办结后方可再申请",
        "An application of this kind is running already",
    )
    HOLDER_SUSPENDED = Sentence(
        409,
        "该制度下的证书处于暂停期，不能办理此类申请",
        "While a certificate of this scheme is suspended, this cannot be applied for",
    )
    CERTIFICATE_NEEDED = Sentence(
        409,
        "此类申请须有本单位持有的有效证书",
        "This application needs a certificate in force that the applicant holds",
    )
    OUTSIDE_WINDOW = Sentence(
        409,
        "受理期为 {first} 至 {last}",
        "This is taken from {first} to {last}",
    )
    APPLICANT_KIND_NOT_ALLOWED = Sentence(
        422, "此类主体不能申请该制度", "This kind of party cannot apply under this scheme"
    )
    SCOPE_NOT_OF_APPLICANT = Sentence(
        422,
        "有 {count} 个产品或基地未登记或不属于申请单位",
        "{count} products or bases are not registered, or not the applicant's",
    )
    CATEGORY_NOT_OF_SCHEME = Sentence(
        422,
        "有 {count} 个产品的类别不在该制度范围内",
        "{count} products are of a category that this scheme does not take",
    )
    PLACE_NOT_OF_SCHEME = Sentence(
        422,
        "有 {count} 个基地不在该制度的地域范围内",
        "{count} bases lie outside the region of this scheme",
    )
    QUANTITY_BEYOND_CAPACITY = Sentence(
        422,
        "数量超出产能：本次 {asked}，产能 {capacity}",
        "More than the capacity: asked {asked}, capacity {capacity}",
    )
    QUANTITY_BEYOND_APPLICATION = Sentence(
        422,
        "核定数量超过申请数量：核定 {granting}，申请 {asked}",
        "More than was applied for: granting {granting}, asked {asked}",
    )
    ANSWER_MISSING = Sentence(422, "此项尚未填写", "This has not been answered yet")
    ANSWER_UNKNOWN = Sentence(422, "本申请没有此项", "This application has no such field")
    ANSWER_MALFORMED = Sentence(
        422, "此项填写格式不正确", "This answer does not have the form that is asked for"
    )
    ANSWER_OUT_OF_RANGE = Sentence(
        422, "须在 {low} 到 {high} 之间", "The answer lies between {low} and {high}"
    )
    REASONS_MISSING = Sentence(422, "须写明理由", "Reasons have to be given")
    OUTCOME_MISSING = Sentence(422, "须写明结果", "The outcome has to be said")
    ASSIGNEE_MISSING = Sentence(422, "须写明人员和工作项", "Say who is to do which task")
    ASSIGNEE_NOT_FIT = Sentence(
        409,
        "此人不能承担此项工作：没有能力认定、已声明利害关系、已办理本案其他环节或属于申请单位",
        "This person cannot do the task: not competent, related to the applicant, of the applicant "
        "or in another part of this case",
    )
    OVER_CAPACITY = Sentence(
        409,
        "本机构在办案件已满，请先办结其他案件或不予受理",
        "The body has as many cases as it can handle: finish others first, or decline",
    )
    NOBODY_COMPETENT = Sentence(
        409,
        "本机构没有能承担“{tasks}”的人员",
        "The body has nobody competent for: {tasks}",
    )
    STEP_TOO_EARLY = Sentence(
        409, "此步骤最早于 {day} 完成", "This step may be completed on {day} at the earliest"
    )
    STEP_FAILED = Sentence(
        409,
        "有环节不合格，只能不予通过或退回补正",
        "A step was failed: only refusal or return is possible",
    )
    NONCONFORMITIES_OPEN = Sentence(
        409, "还有 {open} 个不符合项没有关闭", "{open} nonconformities are open"
    )
    LAB_REPORT_NEEDED = Sentence(409, "还没有检验报告", "There is no laboratory report yet")
    LAB_NOT_PASSED = Sentence(
        409, "检验结果不符合限量", "The laboratory results do not meet the limits"
    )
    AGREEMENT_MISSING = Sentence(409, "尚未签订用标或认证合同", "The agreement has not been signed")
    FEE_OPEN = Sentence(409, "费用尚未结清：{fees}", "Fees are not settled: {fees}")
    FEE_UNKNOWN = Sentence(422, "本案没有此项费用", "This case has no such fee")
    SURVEILLANCE_OVERDUE = Sentence(
        409, "监督检查已逾期：应在 {day} 前完成", "Surveillance is overdue: it was due by {day}"
    )
    NOTICE_ALREADY_PUBLISHED = Sentence(
        409, "公示已经发布，至 {day} 止", "The notice is published already, until {day}"
    )
    NOTICE_NOT_BEGUN = Sentence(409, "公示尚未开始", "The public notice has not begun")
    NOTICE_NOT_ENDED = Sentence(
        409, "公示至 {day} 止，尚未结束", "The public notice runs until {day}"
    )
    NOTICE_ENDED = Sentence(
        409, "公示已于 {day} 结束，不再受理异议", "The public notice ended on {day}"
    )
    NOTICE_NOT_HELD = Sentence(
        409, "本案尚未完成公示", "The public notice of this case is not over"
    )
    OBJECTIONS_OPEN = Sentence(
        409, "还有 {open} 件异议没有答复", "{open} objections are not answered"
    )
    OBJECTION_ANSWERED = Sentence(409, "此异议已经答复", "This objection is answered already")
    NOTHING_DUE = Sentence(409, "申请单位的期限未到", "No deadline of the applicant has passed")
    APPEAL_TOO_LATE = Sentence(409, "申诉期限已于 {day} 届满", "Appeals could be filed until {day}")
    APPEAL_RUNNING = Sentence(
        409, "对此事的申诉正在办理", "An appeal about this is running already"
    )
    NOTHING_TO_APPEAL = Sentence(
        409,
        "没有可申诉的决定",
        "There is no such decision to appeal against",
    )
    OUTCOME_STANDS = Sentence(
        409,
        "案件已准予通过：须先对发证提出申诉",
        "The case was granted: appeal against the grant itself",
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
    UNIT_NOT_OF_ACCOUNT = Sentence(
        422,
        "此证书不以该单位核定数量",
        "The certificate does not count its quantity in this unit",
    )
    SEASON_MALFORMED = Sentence(
        422,
        "产季写作年份，可加后缀，如 2026 或 2026-AUTUMN",
        "A season is written as its year, with or without a suffix: 2026 or 2026-AUTUMN",
    )
    LINES_TOO_MANY = Sentence(
        422, "分项最多 {most} 条", "A certificate has {most} lines of quantity at most"
    )
    LINE_UNKNOWN = Sentence(
        409,
        "此证书没有该产品和产季的核定数量",
        "The certificate bounds no quantity of this product in this season",
    )
    SEASON_AMBIGUOUS = Sentence(
        409,
        "此产品有多个产季的核定数量，请写明产季",
        "Quantities of several seasons are granted for this product: name one",
    )
    OVER_ACCOUNT_MASS = Sentence(
        409,
        "超出可用数量：余 {left} 公斤，本次 {asked} 公斤",
        "More than is left: left {left} kg, asked {asked} kg",
    )
    OVER_ACCOUNT_PIECES = Sentence(
        409,
        "超出可用数量：余 {left} 件，本次 {asked} 件",
        "More than is left: left {left} pieces, asked {asked}",
    )
    GRANTED_BELOW_USED_MASS = Sentence(
        409,
        "核定数量不得低于已用数量：已用 {used} 公斤，拟核定 {asked} 公斤",
        "No less can be granted than is used: used {used} kg, asked {asked} kg",
    )
    GRANTED_BELOW_USED_PIECES = Sentence(
        409,
        "核定数量不得低于已用数量：已用 {used} 件，拟核定 {asked} 件",
        "No less can be granted than is used: used {used} pieces, asked {asked}",
    )
    PERMIT_NOT_YOURS = Sentence(
        409,
        "此准印证不属于该主体，或不适用于此产品",
        "This print permit is another party's, or is not for this product",
    )
    PERMIT_AMBIGUOUS = Sentence(
        409,
        "该主体有多张准印证，请写明准印证编号",
        "The party has several print permits: name one",
    )
    PERMIT_CLOSED = Sentence(409, "准印证已关闭", "The print permit is closed")
    PERMIT_FROZEN = Sentence(409, "准印证已冻结", "The print permit is frozen")
    PERMIT_NOT_FROZEN = Sentence(409, "准印证并未冻结", "The print permit is not frozen")
    PERMIT_SAME = Sentence(
        422, "调出和调入不能是同一张准印证", "A quantity moves from one print permit to another"
    )
    PERMITS_APART = Sentence(
        409,
        "两张准印证须出自同一证书的同一产品和产季",
        "Both print permits must come from one certificate, product and season",
    )
    TRANSACTIONS_NOT_OFFERED = Sentence(
        422,
        "该制度不核定产量，不开具销售证",
        "This scheme bounds no output, so there are no transaction certificates",
    )
    TRANSACTION_BUYER_INVALID = Sentence(
        422, "购货方须是已登记的另一主体", "The buyer must be another registered party"
    )
    TRANSACTION_LOTS = Sentence(
        422,
        "批次不得重复，最多 {most} 个",
        "A transaction certificate names no lot twice and {most} at most",
    )
    TRANSACTION_VOID = Sentence(409, "销售证已作废", "The transaction certificate is void")
    OVER_OUTPUT_MASS = Sentence(
        409,
        "超出核定产量：核定 {granted} 公斤，已开销售证 {sold} 公斤，余 {left} 公斤，"
        "本次 {asked} 公斤",
        "Over the certified output: granted {granted} kg, sold {sold} kg, left {left} kg, "
        "asked {asked} kg",
    )
    OVER_OUTPUT_PIECES = Sentence(
        409,
        "超出核定产量：核定 {granted} 件，已开销售证 {sold} 件，余 {left} 件，本次 {asked} 件",
        "Over the certified output: granted {granted} pieces, sold {sold}, left {left}, "
        "asked {asked}",
    )
    ORGANIC_MARK_IN_CONVERSION = Sentence(
        409,
        "转换期内不得使用有机标志，也不得标注“有机”，最早从 {first} 起可用",
        "In conversion neither the organic mark nor the word may be used, before {first}",
    )
    MARK_BEYOND_SCOPE = Sentence(
        409,
        "标志只能用于证书写明的产品和基地",
        "A mark is for the products and bases that its certificate names",
    )
    APPOINTEE_INVALID = Sentence(
        422, "被指定的须是已登记的机构", "Only a registered organisation can be appointed"
    )
    FUNCTION_UNKNOWN = Sentence(
        422,
        "职能须为 office、body、laboratory 或 experts",
        "The function is office, body, laboratory or experts",
    )
    CAPACITY_INVALID = Sentence(
        422,
        "办案能力须在 1 到 {most} 件之间，或不填",
        "The number of cases handled at once lies between 1 and {most}, or is left out",
    )
    APPOINTED_ALREADY = Sentence(
        409,
        "该机构在此期间已受指定担任同一职能",
        "The party is appointed in this function already in that time",
    )
    TASK_UNKNOWN = Sentence(
        422,
        "工作项须为 review、inspect、test、assess 或 decide",
        "The task is review, inspect, test, assess or decide",
    )
    ENDED_ALREADY = Sentence(409, "已于 {day} 终止", "This ended on {day}")
    END_NOT_BROUGHT_FORWARD = Sentence(
        422,
        "终止日只能提前，最早 {first}，最晚 {last}",
        "An end is only brought forward: {first} at the earliest, {last} at the latest",
    )
    RELATION_UNKNOWN = Sentence(
        422,
        "利害关系须为 none、employment、ownership、family 或 consultancy",
        "The relation is none, employment, ownership, family or consultancy",
    )
    RELATION_STANDS = Sentence(
        409,
        "本案已声明利害关系，不能改为没有，须由他人办理",
        "A relation declared for this case stands: somebody else does the work",
    )
    SEARCH_MALFORMED = Sentence(
        422,
        "查询条件不正确",
        "The question to the register is malformed",
    )
    CONSEQUENCE_SAME_PERSON = Sentence(
        403,
        "提出的人不能自己确认，须由另一人用自己的账户确认",
        "Whoever proposed it cannot confirm it: a second person does, with an account of their own",
    )
    CONSEQUENCE_UNKNOWN = Sentence(
        404, "没有此项暂停或撤销提议", "There is no such proposal to suspend or revoke"
    )
    MOVE_UNKNOWN = Sentence(404, "没有此次证书移交", "There is no such move of certificates")
    NOT_IN_MOVE = Sentence(404, "此证书不在这次移交之内", "This certificate is no part of the move")
    CONSEQUENCE_WAITING = Sentence(
        409,
        "此证书已有一项提议等待确认",
        "A proposal about this certificate waits for its second person already",
    )
    CONSEQUENCE_NOT_OPEN = Sentence(409, "此项提议已经办结", "This proposal is decided already")
    CONSEQUENCE_RADIUS_OTHER = Sentence(
        409,
        "确认的波及范围与提议所列不同，请重新查看后再确认",
        "The radius confirmed is not the one of the proposal: look at it again, then confirm",
    )
    CONSEQUENCE_RADIUS_SHRUNK = Sentence(
        409,
        "波及范围比提议所列少，与登记不符，请撤下后重新提出",
        "Less is touched than was shown, which history does not allow: drop it and propose anew",
    )
    CERTIFICATE_HELD = Sentence(
        409,
        "此证书先行停印，到 {until} 或办结为止",
        "Printing under this certificate is on hold until {until}, or until it is decided",
    )
    HOLD_REPEATED = Sentence(
        409,
        "您对此证书的上一次停印未获确认，再次停印须由另一人提出",
        "Your last hold of this certificate was not confirmed: another person has to hold it",
    )
    MOVE_NOT_OPEN = Sentence(409, "此次移交已经结束", "This move of certificates is over")
    MOVE_OPEN_ALREADY = Sentence(
        409,
        "该机构在此制度下已有一次移交正在进行",
        "Certificates of this body and scheme are being moved already",
    )
    MOVE_BODY_INVALID = Sentence(
        409,
        "移入机构还没有被指定在此制度下任职",
        "The body that takes over is not appointed to serve this scheme",
    )
    MOVE_EMPTY = Sentence(
        409,
        "该机构名下没有需要移交的证书",
        "This body has no certificates of the scheme to be moved",
    )
    TICKET_DECIDED = Sentence(
        409, "此证书已经确认或已谢绝接收", "This certificate was attested or declined already"
    )
    GROUND_UNKNOWN = Sentence(
        422,
        "该制度没有这一撤销事由",
        "The scheme knows no such ground of revocation",
    )
    EVALUATION_MISSING = Sentence(
        422,
        "恢复用标须先经评价，请写明评价文件的文号",
        "A suspension ends after an evaluation only: give the number of its document",
    )
    MOVE_SAME_BODY = Sentence(
        422, "移出和移入须为不同机构", "Certificates move from one body to another one"
    )
    MOVE_DEADLINE = Sentence(
        422,
        "截止日须在今天之后、{most} 天之内",
        "The last day lies after today, at most {most} days ahead",
    )
    MOVE_WHY_UNKNOWN = Sentence(
        422,
        "请说明移交原因：机构退出或停业",
        "Say why certificates move: the body leaves, or has failed",
    )
    VERDICT_UNKNOWN = Sentence(
        422, "请选择接收或谢绝", "Say whether the certificates are attested or declined"
    )
    INSPECTION_KIND_UNKNOWN = Sentence(
        422, "没有这种检查类型", "There is no such kind of inspection"
    )
    NOTHING_TO_INSPECT = Sentence(
        409,
        "案件已办结或证书已失效，不再安排检查",
        "The case is closed, or the certificate is not in force: there is nothing to inspect",
    )
    CHECKLIST_MISSING = Sentence(
        409, "该制度的这一版本没有检查表", "This version of the scheme has no checklist"
    )
    INSPECTION_DAY_PAST = Sentence(
        422, "检查日期不得早于今天", "An inspection is planned for today or later"
    )
    INSPECTION_DAY_FAR = Sentence(
        422,
        "检查日期最远在 {most} 天之内",
        "An inspection is planned at most {most} days ahead",
    )
    INSPECTORS_INVALID = Sentence(
        422,
        "检查员须有 1 到 {most} 名，且不得重复",
        "A visit has from 1 to {most} inspectors, nobody twice",
    )
    INSPECTION_BEGUN = Sentence(
        409, "检查已经开始或办结，不能改期或取消", "The inspection has begun or is over already"
    )
    INSPECTION_OVER = Sentence(409, "此次检查已经办结", "This inspection is over")
    INSPECTION_NOT_BEGUN = Sentence(
        409, "还没有检查记录", "Nothing of this inspection is on record yet"
    )
    RECORD_KEY_MALFORMED = Sentence(
        422,
        "检查记录的终端编号或序号格式不正确",
        "The client id or the sequence of the record is malformed",
    )
    RECORD_EMPTY = Sentence(
        422, "检查记录没有内容", "The record holds neither an answer nor a photo"
    )
    CHECK_ITEM_UNKNOWN = Sentence(422, "检查表没有此项", "The checklist has no such item")
    CHECK_ITEM_REPEATED = Sentence(
        422, "同一检查项填写了两次", "An item of the checklist is answered twice"
    )
    CHECK_RESULT_UNKNOWN = Sentence(
        422,
        "检查结果须为符合、不符合或不适用",
        "An item is answered: pass, fail or not applicable",
    )
    PHOTOS_TOO_MANY = Sentence(
        422, "一次记录最多 {most} 张照片", "A record names {most} photos at most"
    )
    PHOTO_DIGEST_MALFORMED = Sentence(
        422, "照片的哈希值格式不正确", "The hash of a photo is malformed"
    )
    POSITION_MALFORMED = Sentence(
        422, "照片的位置须为经纬度数值", "The place of a photo is given in degrees"
    )
    PHOTO_NOT_PICTURE = Sentence(
        422, "检查照片须为 PNG 或 JPEG", "A photo of an inspection is a PNG or a JPEG"
    )
    CHECK_UNANSWERED = Sentence(422, "此项尚未检查：{name_zh}", "Not checked yet: {name_en}")
    CHECK_DISPUTED = Sentence(
        409,
        "同一终端的两份记录对此项结论不同，请重新填写：{name_zh}",
        "Two records under one number answer this differently, answer it once more: {name_en}",
    )
    CHECK_PHOTO_MISSING = Sentence(
        422, "此项须附照片：{name_zh}", "This item needs a photo: {name_en}"
    )
    SEVERITY_UNKNOWN = Sentence(422, "不符合项分为一般和严重", "A nonconformity is minor or major")
    CORRECTION_DAY_PAST = Sentence(
        422, "整改期限不得早于今天", "The day for the corrective action is today or later"
    )
    NONCONFORMITY_IS_CLOSED = Sentence(
        409, "此不符合项已经关闭", "This nonconformity is closed already"
    )
    CORRECTION_MISSING = Sentence(
        409,
        "申请单位尚未提交整改措施，不能关闭",
        "Without a corrective action a nonconformity cannot be closed",
    )
    DRAW_OFFICES_INVALID = Sentence(
        422,
        "摇号须有 {least} 到 {most} 个不同的单位参加",
        "A draw takes from {least} to {most} different offices",
    )
    DRAW_POPULATION_INVALID = Sentence(
        422,
        "抽查对象须有 1 到 {most} 个，且不得重复",
        "A draw is made among 1 to {most} members, none named twice",
    )
    DRAW_COUNT_INVALID = Sentence(
        422,
        "抽取数量须在 1 到 {most} 之间",
        "From 1 to {most} members are drawn",
    )
    DRAW_HOURS_INVALID = Sentence(
        422,
        "每一步的期限须为 {least} 到 {most} 小时",
        "Each step of a draw is given from {least} to {most} hours",
    )
    NONCE_DIGEST_MALFORMED = Sentence(
        422,
        "随机数的哈希值须为 32 字节的 base64url 或十六进制",
        "The hash of a nonce is 32 bytes, in base64url or hexadecimal",
    )
    NONCE_REPEATED = Sentence(
        422,
        "此哈希值已在这次摇号中用过，请另取随机数",
        "This hash was used in this draw already: take a fresh nonce",
    )
    NONCE_NOT_COMMITTED = Sentence(
        422,
        "随机数与先前登记的哈希值不符",
        "The nonce is not the one whose hash was committed",
    )
    DRAW_NOT_IN_STEP = Sentence(
        409,
        "摇号现为“{state_zh}”，不能办理此步",
        "Not possible now: the draw is “{state_en}”",
    )
    DRAW_DONE_ALREADY = Sentence(
        409, "您所在单位本轮已办理此步", "Your office has done this step of this round already"
    )
    DRAW_TIME_OVER = Sentence(
        409,
        "此步期限 {until} 已过，须更换该单位并重新摇号",
        "The time for this step ended at {until}: the office is replaced and the draw starts anew",
    )
    DRAW_NOT_LOGGED = Sentence(
        409,
        "各单位的哈希值尚未全部写入日志，请稍后公开随机数",
        "Not all hashes are in the log yet: reveal in a moment",
    )
    DRAW_OFFICE_NOT_LATE = Sentence(
        409,
        "该单位没有逾期，不能更换",
        "This office is not late and cannot be replaced",
    )
    FILE_EMPTY = Sentence(422, "文件是空的", "The file is empty")
    FILE_TOO_LARGE = Sentence(
        422, "文件不超过 {most_mib} MiB", "A file holds {most_mib} MiB at most"
    )
    FILE_TYPE_UNKNOWN = Sentence(
        422,
        "只接受 PDF、PNG 和 JPEG 文件，以文件内容为准",
        "Only PDF, PNG and JPEG files are taken, going by their content",
    )
    FILE_MISNAMED = Sentence(
        422,
        "文件名的后缀与文件内容不符",
        "The ending of the file's name is not that of its content",
    )
    FILE_BROKEN = Sentence(
        422,
        "文件不完整或已损坏，请重新导出或重新拍摄",
        "The file is cut or damaged: export or photograph it anew",
    )
    FILE_ENCRYPTED = Sentence(
        422, "文件已加密，请上传未加密的文件", "The file is encrypted: send one that is not"
    )
    FILE_ACTIVE = Sentence(
        422,
        "文件内含脚本、附件、多媒体或其他可执行内容，请重新打印为 PDF",
        "The file holds scripts, attachments, media or other active contents: print it to PDF anew",
    )
    FILE_TOO_COMPLEX = Sentence(
        422,
        "文件页数、像素或内部对象过多",
        "The file has too many pages, pixels or inner objects",
    )
    FILE_TYPE_NOT_OF_DOCUMENT = Sentence(
        422, "此材料接受的文件类型：{accepted}", "For this document these are taken: {accepted}"
    )
    DOCUMENT_KEY_UNKNOWN = Sentence(422, "没有此类材料", "There is no such kind of document")
    DOCUMENT_DAY_MISSING = Sentence(
        422, "须写明材料的出具日期", "The day on which the document was made is needed"
    )
    DOCUMENT_FROM_FUTURE = Sentence(
        422, "材料的出具日期晚于今天", "The document bears a day that is still to come"
    )
    EVIDENCE_INCOMPLETE = Sentence(
        422,
        "材料须写明类别并附文件；没有文件的，至少填写一项",
        "A document needs its kind and its file; without a file, at least one answer is needed",
    )
    EVIDENCE_OF_OTHER = Sentence(
        409,
        "此材料不属于本案申请单位",
        "This evidence is not the applicant's of this case",
    )
    EVIDENCE_ATTACHED = Sentence(
        409, "此材料已提交给本案", "This evidence was handed in for this case already"
    )
    DOCUMENT_MISSING = Sentence(422, "缺少材料：{name_zh}", "Missing: {name_en}")
    DOCUMENT_NOT_YET = Sentence(
        422, "材料自 {day} 起有效：{name_zh}", "Valid from {day} only: {name_en}"
    )
    DOCUMENT_ENDED = Sentence(422, "材料已于 {day} 到期：{name_zh}", "Ended on {day}: {name_en}")
    DOCUMENT_TOO_OLD = Sentence(
        422,
        "材料须在 {months} 个月内出具：{name_zh}",
        "Must not be older than {months} months: {name_en}",
    )
    REPORT_EXPIRED = Sentence(
        422,
        "检验报告须在 {months} 个月内：{name_zh}",
        "A laboratory report must not be older than {months} months: {name_en}",
    )
    ANSWER_REPEATED = Sentence(422, "同一项填写了两次", "This is answered twice")
    LAB_TAKEN = Sentence(
        409, "此单位已登记为检验机构", "This party is registered as a laboratory already"
    )
    LAB_NOT_ORGANISATION = Sentence(422, "检验机构须是单位", "A laboratory is an organisation")
    ACCREDITATION_NUMBER_MALFORMED = Sentence(
        422, "资质证书编号格式不正确", "The number of the accreditation is malformed"
    )
    SCOPE_EMPTY = Sentence(
        422,
        "能力范围须有 1 到 {most} 项",
        "The scope of an accreditation has from 1 to {most} lines",
    )
    SCOPE_MALFORMED = Sentence(
        422,
        "能力范围的参数、方法或样品类别不正确，或有重复",
        "A parameter, method or matrix of the scope is malformed, or repeated",
    )
    ACCREDITATION_ENDED = Sentence(409, "此资质已经终止", "This accreditation was ended already")
    ENDED_OUTSIDE_TERM = Sentence(
        422, "终止日须在资质有效期内", "The end must lie within the term of the accreditation"
    )
    EVIDENCE_NOT_A_REPORT = Sentence(
        422, "此材料不是检验报告", "This evidence is not a laboratory report"
    )
    REPORT_NUMBER_MALFORMED = Sentence(
        422, "报告编号或样品编号格式不正确", "The number of the report or sample is malformed"
    )
    REPORT_OF_OTHER = Sentence(
        409,
        "该检验机构的此编号报告已由其他单位提交",
        "A report of this number and laboratory was handed in by another party",
    )
    RESULTS_EMPTY = Sentence(
        422, "报告须有 1 到 {most} 项结果", "A report has from 1 to {most} results"
    )
    RESULT_REPEATED = Sentence(422, "同一参数有两个结果", "A parameter has two results")
    SAMPLED_IN_FUTURE = Sentence(
        422, "采样日期晚于今天", "The sample bears a day that is still to come"
    )
    REPORT_DAYS_REVERSED = Sentence(
        422,
        "采样、收样、签发日期须依次不早于前者",
        "A sample is taken, then received, then reported: these days are out of order",
    )
    PARAMETER_MALFORMED = Sentence(
        422, "检验参数或样品类别不正确", "A parameter, matrix or category is malformed"
    )
    VALUE_MALFORMED = Sentence(
        422,
        "结果须为数值、“<数值”、未检出、阴性或阳性",
        "A result is a number, a bound such as <0.01, not detected, negative or positive",
    )
    VALUE_NEGATIVE = Sentence(422, "结果不能为负数", "A result cannot be negative")
    RESULT_UNIT_UNKNOWN = Sentence(
        422, "没有 {unit} 这个计量单位", "There is no unit {unit} for results"
    )
    LAB_ACCREDITATION_ENDED = Sentence(
        422,
        "检验机构在采样日 {day} 没有有效资质",
        "The laboratory was not accredited on the day of sampling, {day}",
    )
    LAB_OUT_OF_SCOPE = Sentence(
        422,
        "采样日该机构的能力范围不含：{parameter}（{method}，{matrix}）",
        "On the day of sampling the laboratory's scope did not hold: {parameter} ({method}, "
        "{matrix})",
    )
    RESULT_MISSING = Sentence(
        422, "报告缺少结果：{name_zh}", "No result was reported for: {name_en}"
    )
    SAMPLE_UNSPECIFIED = Sentence(
        422,
        "限量按类别或等级设定，报告未写明：{name_zh}",
        "The limit depends on category or grade, which the report does not say: {name_en}",
    )
    UNIT_NOT_OF_LIMIT = Sentence(
        422,
        "结果单位 {unit} 不能换算为限量单位 {wanted}：{name_zh}",
        "A result in {unit} does not convert into the limit's {wanted}: {name_en}",
    )
    METHOD_NOT_OF_LIMIT = Sentence(
        422,
        "检验方法须为 {methods}：{name_zh}",
        "The method has to be one of {methods}: {name_en}",
    )
    RESULT_UNCERTAIN = Sentence(
        422,
        "未检出但检出限不低于限量，或未写明检出限，不能判定：{name_zh}",
        "Not detected, but the detection limit is above the limit or not stated: {name_en}",
    )
    RESULT_BEYOND_LIMIT = Sentence(
        422,
        "{name_zh} 不合格：结果 {found}，限量 {limit}",
        "{name_en} fails: found {found}, limit {limit}",
    )
    EVIDENCE_ERASED = Sentence(
        410, "此材料已按申请删除", "This evidence was erased at its holder's request"
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
    SEAL_KEY_MISSING = Sentence(503, "本节点还没有电子印章密钥", "This node has no seal key yet")
    STATUS_KEY_MISSING = Sentence(
        503, "本节点还没有状态答复密钥", "This node has no key for status answers yet"
    )
    PAPER_LOST = Sentence(
        503,
        "证书文件缺失或已损坏",
        "The file of this paper is missing or damaged",
    )
    EVIDENCE_LOST = Sentence(
        503,
        "材料的文件缺失或已损坏，请重新上传，或由平台运营方从备份恢复",
        "The file of this evidence is missing or damaged: give it once more, or let the operator "
        "restore it",
    )
    FILES_UNAVAILABLE = Sentence(
        503,
        "文件存储暂不可用，请稍后重试",
        "The file store cannot be used now: try again later",
    )


class StatusFault(RefusalCode):
    """What a check finds wrong with a status answer beside the faults of every signed answer."""

    QUESTION_WRONG = Sentence(
        422, "答复的不是所问的问题", "The answer is to another question than the one asked"
    )
    ENTRIES_WRONG = Sentence(
        422,
        "所附日志条目不属于同一张证书，或相互矛盾",
        "The entries are not those of one certificate, or contradict one another",
    )
    KNOWLEDGE_WRONG = Sentence(
        422,
        "所附条目晚于所问的知悉时点",
        "An entry was recorded after the moment whose knowledge was asked for",
    )
    STATUS_WRONG = Sentence(
        422,
        "所述状态与日志条目得出的不符",
        "What is stated is not what the log entries make of it",
    )


class PaperFault(RefusalCode):
    """What a check of a sealed certificate finds wrong."""

    NOT_SEALED = Sentence(422, "文件没有电子印章，或不止一个", "The file has no seal, or several")
    SEAL_WRONG = Sentence(
        422, "电子印章已损坏，或不是本系统的格式", "The seal is damaged, or not of our form"
    )
    SEAL_UNKNOWN = Sentence(
        422,
        "电子印章不属于所给的印章证书，或当时已不在有效期",
        "The seal is not of the given seal certificates, or was not in force then",
    )
    CONTENT_CHANGED = Sentence(
        422, "文件在封签之后被改动过", "The file was changed after it was sealed"
    )
