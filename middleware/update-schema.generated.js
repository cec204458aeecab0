// Generated from update-schema.json by ops/build-schema.ts. Do not edit.
var __getOwnPropNames = Object.getOwnPropertyNames;
var __commonJS = (cb, mod) => function __require() {
  try {
    return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
  } catch (e) {
    throw mod = 0, e;
  }
};

// node_modules/ajv/dist/runtime/ucs2length.js
var require_ucs2length = __commonJS({
  "node_modules/ajv/dist/runtime/ucs2length.js"(exports) {
    "use strict";
    Object.defineProperty(exports, "__esModule", { value: true });
    function ucs2length(str) {
      const len = str.length;
      let length = 0;
      let pos = 0;
      let value;
      while (pos < len) {
        length++;
        value = str.charCodeAt(pos++);
        if (value >= 55296 && value <= 56319 && pos < len) {
          value = str.charCodeAt(pos);
          if ((value & 64512) === 56320)
            pos++;
        }
      }
      return length;
    }
    exports.default = ucs2length;
    ucs2length.code = 'require("ajv/dist/runtime/ucs2length").default';
  }
});

// <stdin>
var validate = validate21;
var stdin_default = validate21;
function validate24(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (!(typeof data == "number" && (!(data % 1) && !isNaN(data)) && isFinite(data))) {
    validate24.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "integer" }, message: "must be integer" }];
    return false;
  }
  if (errors === 0) {
    if (typeof data == "number" && isFinite(data)) {
      if (data > 9007199254740991 || isNaN(data)) {
        validate24.errors = [{ instancePath, schemaPath: "#/maximum", keyword: "maximum", params: { comparison: "<=", limit: 9007199254740991 }, message: "must be <= 9007199254740991" }];
        return false;
      } else {
        if (data < -9007199254740991 || isNaN(data)) {
          validate24.errors = [{ instancePath, schemaPath: "#/minimum", keyword: "minimum", params: { comparison: ">=", limit: -9007199254740991 }, message: "must be >= -9007199254740991" }];
          return false;
        }
      }
    }
  }
  validate24.errors = vErrors;
  return errors === 0;
}
function validate27(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      let missing0;
      if (data.id === void 0 && (missing0 = "id") || data.type === void 0 && (missing0 = "type")) {
        validate27.errors = [{ instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: missing0 }, message: "must have required property '" + missing0 + "'" }];
        return false;
      } else {
        if (data.id !== void 0) {
          const _errs1 = errors;
          if (!validate24(data.id, { instancePath: instancePath + "/id", parentData: data, parentDataProperty: "id", rootData })) {
            vErrors = vErrors === null ? validate24.errors : vErrors.concat(validate24.errors);
            errors = vErrors.length;
          }
          var valid0 = _errs1 === errors;
        } else {
          var valid0 = true;
        }
        if (valid0) {
          if (data.type !== void 0) {
            const _errs2 = errors;
            if (typeof data.type !== "string") {
              validate27.errors = [{ instancePath: instancePath + "/type", schemaPath: "#/properties/type/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
              return false;
            }
            var valid0 = _errs2 === errors;
          } else {
            var valid0 = true;
          }
          if (valid0) {
            if (data.title !== void 0) {
              const _errs4 = errors;
              if (typeof data.title !== "string") {
                validate27.errors = [{ instancePath: instancePath + "/title", schemaPath: "#/properties/title/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                return false;
              }
              var valid0 = _errs4 === errors;
            } else {
              var valid0 = true;
            }
            if (valid0) {
              if (data.is_forum !== void 0) {
                const _errs6 = errors;
                if (typeof data.is_forum !== "boolean") {
                  validate27.errors = [{ instancePath: instancePath + "/is_forum", schemaPath: "#/properties/is_forum/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" }];
                  return false;
                }
                var valid0 = _errs6 === errors;
              } else {
                var valid0 = true;
              }
            }
          }
        }
      }
    } else {
      validate27.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
      return false;
    }
  }
  validate27.errors = vErrors;
  return errors === 0;
}
var func2 = require_ucs2length().default;
function validate30(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      let missing0;
      if (data.id === void 0 && (missing0 = "id")) {
        validate30.errors = [{ instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: missing0 }, message: "must have required property '" + missing0 + "'" }];
        return false;
      } else {
        if (data.id !== void 0) {
          const _errs1 = errors;
          if (!validate24(data.id, { instancePath: instancePath + "/id", parentData: data, parentDataProperty: "id", rootData })) {
            vErrors = vErrors === null ? validate24.errors : vErrors.concat(validate24.errors);
            errors = vErrors.length;
          }
          var valid0 = _errs1 === errors;
        } else {
          var valid0 = true;
        }
        if (valid0) {
          if (data.is_bot !== void 0) {
            const _errs2 = errors;
            if (typeof data.is_bot !== "boolean") {
              validate30.errors = [{ instancePath: instancePath + "/is_bot", schemaPath: "#/properties/is_bot/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" }];
              return false;
            }
            var valid0 = _errs2 === errors;
          } else {
            var valid0 = true;
          }
          if (valid0) {
            if (data.first_name !== void 0) {
              const _errs4 = errors;
              if (typeof data.first_name !== "string") {
                validate30.errors = [{ instancePath: instancePath + "/first_name", schemaPath: "#/properties/first_name/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                return false;
              }
              var valid0 = _errs4 === errors;
            } else {
              var valid0 = true;
            }
            if (valid0) {
              if (data.last_name !== void 0) {
                const _errs6 = errors;
                if (typeof data.last_name !== "string") {
                  validate30.errors = [{ instancePath: instancePath + "/last_name", schemaPath: "#/properties/last_name/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                  return false;
                }
                var valid0 = _errs6 === errors;
              } else {
                var valid0 = true;
              }
              if (valid0) {
                if (data.username !== void 0) {
                  const _errs8 = errors;
                  if (typeof data.username !== "string") {
                    validate30.errors = [{ instancePath: instancePath + "/username", schemaPath: "#/properties/username/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                    return false;
                  }
                  var valid0 = _errs8 === errors;
                } else {
                  var valid0 = true;
                }
                if (valid0) {
                  if (data.language_code !== void 0) {
                    let data5 = data.language_code;
                    const _errs10 = errors;
                    if (errors === _errs10) {
                      if (typeof data5 === "string") {
                        if (func2(data5) > 35) {
                          validate30.errors = [{ instancePath: instancePath + "/language_code", schemaPath: "#/properties/language_code/maxLength", keyword: "maxLength", params: { limit: 35 }, message: "must NOT have more than 35 characters" }];
                          return false;
                        }
                      } else {
                        validate30.errors = [{ instancePath: instancePath + "/language_code", schemaPath: "#/properties/language_code/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                        return false;
                      }
                    }
                    var valid0 = _errs10 === errors;
                  } else {
                    var valid0 = true;
                  }
                }
              }
            }
          }
        }
      }
    } else {
      validate30.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
      return false;
    }
  }
  validate30.errors = vErrors;
  return errors === 0;
}
function validate34(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (typeof data === "string") {
      if (func2(data) > 65536) {
        validate34.errors = [{ instancePath, schemaPath: "#/maxLength", keyword: "maxLength", params: { limit: 65536 }, message: "must NOT have more than 65536 characters" }];
        return false;
      }
    } else {
      validate34.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
      return false;
    }
  }
  validate34.errors = vErrors;
  return errors === 0;
}
function validate36(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (Array.isArray(data)) {
      var valid0 = true;
      const len0 = data.length;
      for (let i0 = 0; i0 < len0; i0++) {
        let data0 = data[i0];
        const _errs1 = errors;
        if (errors === _errs1) {
          if (data0 && typeof data0 == "object" && !Array.isArray(data0)) {
            let missing0;
            if (data0.type === void 0 && (missing0 = "type") || data0.offset === void 0 && (missing0 = "offset") || data0.length === void 0 && (missing0 = "length")) {
              validate36.errors = [{ instancePath: instancePath + "/" + i0, schemaPath: "#/items/required", keyword: "required", params: { missingProperty: missing0 }, message: "must have required property '" + missing0 + "'" }];
              return false;
            } else {
              if (data0.type !== void 0) {
                const _errs3 = errors;
                if (typeof data0.type !== "string") {
                  validate36.errors = [{ instancePath: instancePath + "/" + i0 + "/type", schemaPath: "#/items/properties/type/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                  return false;
                }
                var valid1 = _errs3 === errors;
              } else {
                var valid1 = true;
              }
              if (valid1) {
                if (data0.offset !== void 0) {
                  let data2 = data0.offset;
                  const _errs5 = errors;
                  if (!(typeof data2 == "number" && isFinite(data2))) {
                    validate36.errors = [{ instancePath: instancePath + "/" + i0 + "/offset", schemaPath: "#/items/properties/offset/type", keyword: "type", params: { type: "number" }, message: "must be number" }];
                    return false;
                  }
                  var valid1 = _errs5 === errors;
                } else {
                  var valid1 = true;
                }
                if (valid1) {
                  if (data0.length !== void 0) {
                    let data3 = data0.length;
                    const _errs7 = errors;
                    if (!(typeof data3 == "number" && isFinite(data3))) {
                      validate36.errors = [{ instancePath: instancePath + "/" + i0 + "/length", schemaPath: "#/items/properties/length/type", keyword: "type", params: { type: "number" }, message: "must be number" }];
                      return false;
                    }
                    var valid1 = _errs7 === errors;
                  } else {
                    var valid1 = true;
                  }
                  if (valid1) {
                    if (data0.user !== void 0) {
                      const _errs9 = errors;
                      if (!validate30(data0.user, { instancePath: instancePath + "/" + i0 + "/user", parentData: data0, parentDataProperty: "user", rootData })) {
                        vErrors = vErrors === null ? validate30.errors : vErrors.concat(validate30.errors);
                        errors = vErrors.length;
                      }
                      var valid1 = _errs9 === errors;
                    } else {
                      var valid1 = true;
                    }
                  }
                }
              }
            }
          } else {
            validate36.errors = [{ instancePath: instancePath + "/" + i0, schemaPath: "#/items/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
            return false;
          }
        }
        var valid0 = _errs1 === errors;
        if (!valid0) {
          break;
        }
      }
    } else {
      validate36.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "array" }, message: "must be array" }];
      return false;
    }
  }
  validate36.errors = vErrors;
  return errors === 0;
}
function validate41(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      if (data.blocks !== void 0) {
        if (!Array.isArray(data.blocks)) {
          validate41.errors = [{ instancePath: instancePath + "/blocks", schemaPath: "#/properties/blocks/type", keyword: "type", params: { type: "array" }, message: "must be array" }];
          return false;
        }
      }
    } else {
      validate41.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
      return false;
    }
  }
  validate41.errors = vErrors;
  return errors === 0;
}
function validate43(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      if (data.from !== void 0) {
        const _errs1 = errors;
        if (!validate30(data.from, { instancePath: instancePath + "/from", parentData: data, parentDataProperty: "from", rootData })) {
          vErrors = vErrors === null ? validate30.errors : vErrors.concat(validate30.errors);
          errors = vErrors.length;
        }
        var valid0 = _errs1 === errors;
      } else {
        var valid0 = true;
      }
      if (valid0) {
        if (data.text !== void 0) {
          const _errs2 = errors;
          if (!validate34(data.text, { instancePath: instancePath + "/text", parentData: data, parentDataProperty: "text", rootData })) {
            vErrors = vErrors === null ? validate34.errors : vErrors.concat(validate34.errors);
            errors = vErrors.length;
          }
          var valid0 = _errs2 === errors;
        } else {
          var valid0 = true;
        }
        if (valid0) {
          if (data.caption !== void 0) {
            const _errs3 = errors;
            if (!validate34(data.caption, { instancePath: instancePath + "/caption", parentData: data, parentDataProperty: "caption", rootData })) {
              vErrors = vErrors === null ? validate34.errors : vErrors.concat(validate34.errors);
              errors = vErrors.length;
            }
            var valid0 = _errs3 === errors;
          } else {
            var valid0 = true;
          }
          if (valid0) {
            if (data.rich_message !== void 0) {
              const _errs4 = errors;
              if (!validate41(data.rich_message, { instancePath: instancePath + "/rich_message", parentData: data, parentDataProperty: "rich_message", rootData })) {
                vErrors = vErrors === null ? validate41.errors : vErrors.concat(validate41.errors);
                errors = vErrors.length;
              }
              var valid0 = _errs4 === errors;
            } else {
              var valid0 = true;
            }
            if (valid0) {
              if (data.forum_topic_created !== void 0) {
                let data4 = data.forum_topic_created;
                const _errs5 = errors;
                if (!(data4 && typeof data4 == "object" && !Array.isArray(data4))) {
                  validate43.errors = [{ instancePath: instancePath + "/forum_topic_created", schemaPath: "#/properties/forum_topic_created/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                  return false;
                }
                var valid0 = _errs5 === errors;
              } else {
                var valid0 = true;
              }
            }
          }
        }
      }
    } else {
      validate43.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
      return false;
    }
  }
  validate43.errors = vErrors;
  return errors === 0;
}
function validate23(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      let missing0;
      if (data.message_id === void 0 && (missing0 = "message_id") || data.date === void 0 && (missing0 = "date") || data.chat === void 0 && (missing0 = "chat")) {
        validate23.errors = [{ instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: missing0 }, message: "must have required property '" + missing0 + "'" }];
        return false;
      } else {
        if (data.message_id !== void 0) {
          const _errs1 = errors;
          if (!validate24(data.message_id, { instancePath: instancePath + "/message_id", parentData: data, parentDataProperty: "message_id", rootData })) {
            vErrors = vErrors === null ? validate24.errors : vErrors.concat(validate24.errors);
            errors = vErrors.length;
          }
          var valid0 = _errs1 === errors;
        } else {
          var valid0 = true;
        }
        if (valid0) {
          if (data.message_thread_id !== void 0) {
            const _errs2 = errors;
            if (!validate24(data.message_thread_id, { instancePath: instancePath + "/message_thread_id", parentData: data, parentDataProperty: "message_thread_id", rootData })) {
              vErrors = vErrors === null ? validate24.errors : vErrors.concat(validate24.errors);
              errors = vErrors.length;
            }
            var valid0 = _errs2 === errors;
          } else {
            var valid0 = true;
          }
          if (valid0) {
            if (data.is_topic_message !== void 0) {
              const _errs3 = errors;
              if (typeof data.is_topic_message !== "boolean") {
                validate23.errors = [{ instancePath: instancePath + "/is_topic_message", schemaPath: "#/properties/is_topic_message/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" }];
                return false;
              }
              var valid0 = _errs3 === errors;
            } else {
              var valid0 = true;
            }
            if (valid0) {
              if (data.date !== void 0) {
                let data3 = data.date;
                const _errs5 = errors;
                if (!(typeof data3 == "number" && (!(data3 % 1) && !isNaN(data3)) && isFinite(data3))) {
                  validate23.errors = [{ instancePath: instancePath + "/date", schemaPath: "#/properties/date/type", keyword: "type", params: { type: "integer" }, message: "must be integer" }];
                  return false;
                }
                if (errors === _errs5) {
                  if (typeof data3 == "number" && isFinite(data3)) {
                    if (data3 > 864e10 || isNaN(data3)) {
                      validate23.errors = [{ instancePath: instancePath + "/date", schemaPath: "#/properties/date/maximum", keyword: "maximum", params: { comparison: "<=", limit: 864e10 }, message: "must be <= 8640000000000" }];
                      return false;
                    } else {
                      if (data3 < 0 || isNaN(data3)) {
                        validate23.errors = [{ instancePath: instancePath + "/date", schemaPath: "#/properties/date/minimum", keyword: "minimum", params: { comparison: ">=", limit: 0 }, message: "must be >= 0" }];
                        return false;
                      }
                    }
                  }
                }
                var valid0 = _errs5 === errors;
              } else {
                var valid0 = true;
              }
              if (valid0) {
                if (data.chat !== void 0) {
                  const _errs7 = errors;
                  if (!validate27(data.chat, { instancePath: instancePath + "/chat", parentData: data, parentDataProperty: "chat", rootData })) {
                    vErrors = vErrors === null ? validate27.errors : vErrors.concat(validate27.errors);
                    errors = vErrors.length;
                  }
                  var valid0 = _errs7 === errors;
                } else {
                  var valid0 = true;
                }
                if (valid0) {
                  if (data.from !== void 0) {
                    const _errs8 = errors;
                    if (!validate30(data.from, { instancePath: instancePath + "/from", parentData: data, parentDataProperty: "from", rootData })) {
                      vErrors = vErrors === null ? validate30.errors : vErrors.concat(validate30.errors);
                      errors = vErrors.length;
                    }
                    var valid0 = _errs8 === errors;
                  } else {
                    var valid0 = true;
                  }
                  if (valid0) {
                    if (data.sender_chat !== void 0) {
                      let data6 = data.sender_chat;
                      const _errs9 = errors;
                      if (errors === _errs9) {
                        if (data6 && typeof data6 == "object" && !Array.isArray(data6)) {
                          let missing1;
                          if (data6.id === void 0 && (missing1 = "id")) {
                            validate23.errors = [{ instancePath: instancePath + "/sender_chat", schemaPath: "#/properties/sender_chat/required", keyword: "required", params: { missingProperty: missing1 }, message: "must have required property '" + missing1 + "'" }];
                            return false;
                          } else {
                            if (data6.id !== void 0) {
                              if (!validate24(data6.id, { instancePath: instancePath + "/sender_chat/id", parentData: data6, parentDataProperty: "id", rootData })) {
                                vErrors = vErrors === null ? validate24.errors : vErrors.concat(validate24.errors);
                                errors = vErrors.length;
                              }
                            }
                          }
                        } else {
                          validate23.errors = [{ instancePath: instancePath + "/sender_chat", schemaPath: "#/properties/sender_chat/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                          return false;
                        }
                      }
                      var valid0 = _errs9 === errors;
                    } else {
                      var valid0 = true;
                    }
                    if (valid0) {
                      if (data.text !== void 0) {
                        const _errs12 = errors;
                        if (!validate34(data.text, { instancePath: instancePath + "/text", parentData: data, parentDataProperty: "text", rootData })) {
                          vErrors = vErrors === null ? validate34.errors : vErrors.concat(validate34.errors);
                          errors = vErrors.length;
                        }
                        var valid0 = _errs12 === errors;
                      } else {
                        var valid0 = true;
                      }
                      if (valid0) {
                        if (data.entities !== void 0) {
                          const _errs13 = errors;
                          if (!validate36(data.entities, { instancePath: instancePath + "/entities", parentData: data, parentDataProperty: "entities", rootData })) {
                            vErrors = vErrors === null ? validate36.errors : vErrors.concat(validate36.errors);
                            errors = vErrors.length;
                          }
                          var valid0 = _errs13 === errors;
                        } else {
                          var valid0 = true;
                        }
                        if (valid0) {
                          if (data.caption !== void 0) {
                            const _errs14 = errors;
                            if (!validate34(data.caption, { instancePath: instancePath + "/caption", parentData: data, parentDataProperty: "caption", rootData })) {
                              vErrors = vErrors === null ? validate34.errors : vErrors.concat(validate34.errors);
                              errors = vErrors.length;
                            }
                            var valid0 = _errs14 === errors;
                          } else {
                            var valid0 = true;
                          }
                          if (valid0) {
                            if (data.caption_entities !== void 0) {
                              const _errs15 = errors;
                              if (!validate36(data.caption_entities, { instancePath: instancePath + "/caption_entities", parentData: data, parentDataProperty: "caption_entities", rootData })) {
                                vErrors = vErrors === null ? validate36.errors : vErrors.concat(validate36.errors);
                                errors = vErrors.length;
                              }
                              var valid0 = _errs15 === errors;
                            } else {
                              var valid0 = true;
                            }
                            if (valid0) {
                              if (data.rich_message !== void 0) {
                                const _errs16 = errors;
                                if (!validate41(data.rich_message, { instancePath: instancePath + "/rich_message", parentData: data, parentDataProperty: "rich_message", rootData })) {
                                  vErrors = vErrors === null ? validate41.errors : vErrors.concat(validate41.errors);
                                  errors = vErrors.length;
                                }
                                var valid0 = _errs16 === errors;
                              } else {
                                var valid0 = true;
                              }
                              if (valid0) {
                                if (data.reply_to_message !== void 0) {
                                  const _errs17 = errors;
                                  if (!validate43(data.reply_to_message, { instancePath: instancePath + "/reply_to_message", parentData: data, parentDataProperty: "reply_to_message", rootData })) {
                                    vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
                                    errors = vErrors.length;
                                  }
                                  var valid0 = _errs17 === errors;
                                } else {
                                  var valid0 = true;
                                }
                                if (valid0) {
                                  if (data.quote !== void 0) {
                                    let data14 = data.quote;
                                    const _errs18 = errors;
                                    if (errors === _errs18) {
                                      if (data14 && typeof data14 == "object" && !Array.isArray(data14)) {
                                        let missing2;
                                        if (data14.text === void 0 && (missing2 = "text")) {
                                          validate23.errors = [{ instancePath: instancePath + "/quote", schemaPath: "#/properties/quote/required", keyword: "required", params: { missingProperty: missing2 }, message: "must have required property '" + missing2 + "'" }];
                                          return false;
                                        } else {
                                          if (data14.text !== void 0) {
                                            if (!validate34(data14.text, { instancePath: instancePath + "/quote/text", parentData: data14, parentDataProperty: "text", rootData })) {
                                              vErrors = vErrors === null ? validate34.errors : vErrors.concat(validate34.errors);
                                              errors = vErrors.length;
                                            }
                                          }
                                        }
                                      } else {
                                        validate23.errors = [{ instancePath: instancePath + "/quote", schemaPath: "#/properties/quote/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                                        return false;
                                      }
                                    }
                                    var valid0 = _errs18 === errors;
                                  } else {
                                    var valid0 = true;
                                  }
                                  if (valid0) {
                                    if (data.media_group_id !== void 0) {
                                      let data16 = data.media_group_id;
                                      const _errs21 = errors;
                                      if (errors === _errs21) {
                                        if (typeof data16 === "string") {
                                          if (func2(data16) > 64) {
                                            validate23.errors = [{ instancePath: instancePath + "/media_group_id", schemaPath: "#/properties/media_group_id/maxLength", keyword: "maxLength", params: { limit: 64 }, message: "must NOT have more than 64 characters" }];
                                            return false;
                                          } else {
                                            if (func2(data16) < 1) {
                                              validate23.errors = [{ instancePath: instancePath + "/media_group_id", schemaPath: "#/properties/media_group_id/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" }];
                                              return false;
                                            }
                                          }
                                        } else {
                                          validate23.errors = [{ instancePath: instancePath + "/media_group_id", schemaPath: "#/properties/media_group_id/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                                          return false;
                                        }
                                      }
                                      var valid0 = _errs21 === errors;
                                    } else {
                                      var valid0 = true;
                                    }
                                    if (valid0) {
                                      if (data.photo !== void 0) {
                                        let data17 = data.photo;
                                        const _errs23 = errors;
                                        if (errors === _errs23) {
                                          if (Array.isArray(data17)) {
                                            var valid3 = true;
                                            const len0 = data17.length;
                                            for (let i0 = 0; i0 < len0; i0++) {
                                              let data18 = data17[i0];
                                              const _errs25 = errors;
                                              if (errors === _errs25) {
                                                if (data18 && typeof data18 == "object" && !Array.isArray(data18)) {
                                                  let missing3;
                                                  if (data18.file_id === void 0 && (missing3 = "file_id") || data18.width === void 0 && (missing3 = "width") || data18.height === void 0 && (missing3 = "height")) {
                                                    validate23.errors = [{ instancePath: instancePath + "/photo/" + i0, schemaPath: "#/properties/photo/items/required", keyword: "required", params: { missingProperty: missing3 }, message: "must have required property '" + missing3 + "'" }];
                                                    return false;
                                                  } else {
                                                    if (data18.file_id !== void 0) {
                                                      let data19 = data18.file_id;
                                                      const _errs27 = errors;
                                                      if (errors === _errs27) {
                                                        if (typeof data19 === "string") {
                                                          if (func2(data19) > 512) {
                                                            validate23.errors = [{ instancePath: instancePath + "/photo/" + i0 + "/file_id", schemaPath: "#/properties/photo/items/properties/file_id/maxLength", keyword: "maxLength", params: { limit: 512 }, message: "must NOT have more than 512 characters" }];
                                                            return false;
                                                          } else {
                                                            if (func2(data19) < 1) {
                                                              validate23.errors = [{ instancePath: instancePath + "/photo/" + i0 + "/file_id", schemaPath: "#/properties/photo/items/properties/file_id/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" }];
                                                              return false;
                                                            }
                                                          }
                                                        } else {
                                                          validate23.errors = [{ instancePath: instancePath + "/photo/" + i0 + "/file_id", schemaPath: "#/properties/photo/items/properties/file_id/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                                                          return false;
                                                        }
                                                      }
                                                      var valid4 = _errs27 === errors;
                                                    } else {
                                                      var valid4 = true;
                                                    }
                                                    if (valid4) {
                                                      if (data18.width !== void 0) {
                                                        let data20 = data18.width;
                                                        const _errs29 = errors;
                                                        if (!(typeof data20 == "number" && isFinite(data20))) {
                                                          validate23.errors = [{ instancePath: instancePath + "/photo/" + i0 + "/width", schemaPath: "#/properties/photo/items/properties/width/type", keyword: "type", params: { type: "number" }, message: "must be number" }];
                                                          return false;
                                                        }
                                                        var valid4 = _errs29 === errors;
                                                      } else {
                                                        var valid4 = true;
                                                      }
                                                      if (valid4) {
                                                        if (data18.height !== void 0) {
                                                          let data21 = data18.height;
                                                          const _errs31 = errors;
                                                          if (!(typeof data21 == "number" && isFinite(data21))) {
                                                            validate23.errors = [{ instancePath: instancePath + "/photo/" + i0 + "/height", schemaPath: "#/properties/photo/items/properties/height/type", keyword: "type", params: { type: "number" }, message: "must be number" }];
                                                            return false;
                                                          }
                                                          var valid4 = _errs31 === errors;
                                                        } else {
                                                          var valid4 = true;
                                                        }
                                                      }
                                                    }
                                                  }
                                                } else {
                                                  validate23.errors = [{ instancePath: instancePath + "/photo/" + i0, schemaPath: "#/properties/photo/items/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                                                  return false;
                                                }
                                              }
                                              var valid3 = _errs25 === errors;
                                              if (!valid3) {
                                                break;
                                              }
                                            }
                                          } else {
                                            validate23.errors = [{ instancePath: instancePath + "/photo", schemaPath: "#/properties/photo/type", keyword: "type", params: { type: "array" }, message: "must be array" }];
                                            return false;
                                          }
                                        }
                                        var valid0 = _errs23 === errors;
                                      } else {
                                        var valid0 = true;
                                      }
                                      if (valid0) {
                                        if (data.location !== void 0) {
                                          let data22 = data.location;
                                          const _errs33 = errors;
                                          if (errors === _errs33) {
                                            if (data22 && typeof data22 == "object" && !Array.isArray(data22)) {
                                              let missing4;
                                              if (data22.latitude === void 0 && (missing4 = "latitude") || data22.longitude === void 0 && (missing4 = "longitude")) {
                                                validate23.errors = [{ instancePath: instancePath + "/location", schemaPath: "#/properties/location/required", keyword: "required", params: { missingProperty: missing4 }, message: "must have required property '" + missing4 + "'" }];
                                                return false;
                                              } else {
                                                if (data22.latitude !== void 0) {
                                                  let data23 = data22.latitude;
                                                  const _errs35 = errors;
                                                  if (!(typeof data23 == "number" && isFinite(data23))) {
                                                    validate23.errors = [{ instancePath: instancePath + "/location/latitude", schemaPath: "#/properties/location/properties/latitude/type", keyword: "type", params: { type: "number" }, message: "must be number" }];
                                                    return false;
                                                  }
                                                  var valid5 = _errs35 === errors;
                                                } else {
                                                  var valid5 = true;
                                                }
                                                if (valid5) {
                                                  if (data22.longitude !== void 0) {
                                                    let data24 = data22.longitude;
                                                    const _errs37 = errors;
                                                    if (!(typeof data24 == "number" && isFinite(data24))) {
                                                      validate23.errors = [{ instancePath: instancePath + "/location/longitude", schemaPath: "#/properties/location/properties/longitude/type", keyword: "type", params: { type: "number" }, message: "must be number" }];
                                                      return false;
                                                    }
                                                    var valid5 = _errs37 === errors;
                                                  } else {
                                                    var valid5 = true;
                                                  }
                                                }
                                              }
                                            } else {
                                              validate23.errors = [{ instancePath: instancePath + "/location", schemaPath: "#/properties/location/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                                              return false;
                                            }
                                          }
                                          var valid0 = _errs33 === errors;
                                        } else {
                                          var valid0 = true;
                                        }
                                        if (valid0) {
                                          if (data.venue !== void 0) {
                                            let data25 = data.venue;
                                            const _errs39 = errors;
                                            if (errors === _errs39) {
                                              if (data25 && typeof data25 == "object" && !Array.isArray(data25)) {
                                                let missing5;
                                                if (data25.title === void 0 && (missing5 = "title") || data25.address === void 0 && (missing5 = "address")) {
                                                  validate23.errors = [{ instancePath: instancePath + "/venue", schemaPath: "#/properties/venue/required", keyword: "required", params: { missingProperty: missing5 }, message: "must have required property '" + missing5 + "'" }];
                                                  return false;
                                                } else {
                                                  if (data25.title !== void 0) {
                                                    const _errs41 = errors;
                                                    if (!validate34(data25.title, { instancePath: instancePath + "/venue/title", parentData: data25, parentDataProperty: "title", rootData })) {
                                                      vErrors = vErrors === null ? validate34.errors : vErrors.concat(validate34.errors);
                                                      errors = vErrors.length;
                                                    }
                                                    var valid6 = _errs41 === errors;
                                                  } else {
                                                    var valid6 = true;
                                                  }
                                                  if (valid6) {
                                                    if (data25.address !== void 0) {
                                                      const _errs42 = errors;
                                                      if (!validate34(data25.address, { instancePath: instancePath + "/venue/address", parentData: data25, parentDataProperty: "address", rootData })) {
                                                        vErrors = vErrors === null ? validate34.errors : vErrors.concat(validate34.errors);
                                                        errors = vErrors.length;
                                                      }
                                                      var valid6 = _errs42 === errors;
                                                    } else {
                                                      var valid6 = true;
                                                    }
                                                  }
                                                }
                                              } else {
                                                validate23.errors = [{ instancePath: instancePath + "/venue", schemaPath: "#/properties/venue/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                                                return false;
                                              }
                                            }
                                            var valid0 = _errs39 === errors;
                                          } else {
                                            var valid0 = true;
                                          }
                                          if (valid0) {
                                            if (data.reply_markup !== void 0) {
                                              let data28 = data.reply_markup;
                                              const _errs43 = errors;
                                              if (errors === _errs43) {
                                                if (data28 && typeof data28 == "object" && !Array.isArray(data28)) {
                                                  if (data28.inline_keyboard !== void 0) {
                                                    let data29 = data28.inline_keyboard;
                                                    const _errs45 = errors;
                                                    if (errors === _errs45) {
                                                      if (Array.isArray(data29)) {
                                                        var valid8 = true;
                                                        const len1 = data29.length;
                                                        for (let i1 = 0; i1 < len1; i1++) {
                                                          let data30 = data29[i1];
                                                          const _errs47 = errors;
                                                          if (errors === _errs47) {
                                                            if (Array.isArray(data30)) {
                                                              var valid9 = true;
                                                              const len2 = data30.length;
                                                              for (let i2 = 0; i2 < len2; i2++) {
                                                                let data31 = data30[i2];
                                                                const _errs49 = errors;
                                                                if (errors === _errs49) {
                                                                  if (data31 && typeof data31 == "object" && !Array.isArray(data31)) {
                                                                    let missing6;
                                                                    if (data31.text === void 0 && (missing6 = "text")) {
                                                                      validate23.errors = [{ instancePath: instancePath + "/reply_markup/inline_keyboard/" + i1 + "/" + i2, schemaPath: "#/properties/reply_markup/properties/inline_keyboard/items/items/required", keyword: "required", params: { missingProperty: missing6 }, message: "must have required property '" + missing6 + "'" }];
                                                                      return false;
                                                                    } else {
                                                                      if (data31.text !== void 0) {
                                                                        const _errs51 = errors;
                                                                        if (typeof data31.text !== "string") {
                                                                          validate23.errors = [{ instancePath: instancePath + "/reply_markup/inline_keyboard/" + i1 + "/" + i2 + "/text", schemaPath: "#/properties/reply_markup/properties/inline_keyboard/items/items/properties/text/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                                                                          return false;
                                                                        }
                                                                        var valid10 = _errs51 === errors;
                                                                      } else {
                                                                        var valid10 = true;
                                                                      }
                                                                      if (valid10) {
                                                                        if (data31.callback_data !== void 0) {
                                                                          const _errs53 = errors;
                                                                          if (typeof data31.callback_data !== "string") {
                                                                            validate23.errors = [{ instancePath: instancePath + "/reply_markup/inline_keyboard/" + i1 + "/" + i2 + "/callback_data", schemaPath: "#/properties/reply_markup/properties/inline_keyboard/items/items/properties/callback_data/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                                                                            return false;
                                                                          }
                                                                          var valid10 = _errs53 === errors;
                                                                        } else {
                                                                          var valid10 = true;
                                                                        }
                                                                      }
                                                                    }
                                                                  } else {
                                                                    validate23.errors = [{ instancePath: instancePath + "/reply_markup/inline_keyboard/" + i1 + "/" + i2, schemaPath: "#/properties/reply_markup/properties/inline_keyboard/items/items/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                                                                    return false;
                                                                  }
                                                                }
                                                                var valid9 = _errs49 === errors;
                                                                if (!valid9) {
                                                                  break;
                                                                }
                                                              }
                                                            } else {
                                                              validate23.errors = [{ instancePath: instancePath + "/reply_markup/inline_keyboard/" + i1, schemaPath: "#/properties/reply_markup/properties/inline_keyboard/items/type", keyword: "type", params: { type: "array" }, message: "must be array" }];
                                                              return false;
                                                            }
                                                          }
                                                          var valid8 = _errs47 === errors;
                                                          if (!valid8) {
                                                            break;
                                                          }
                                                        }
                                                      } else {
                                                        validate23.errors = [{ instancePath: instancePath + "/reply_markup/inline_keyboard", schemaPath: "#/properties/reply_markup/properties/inline_keyboard/type", keyword: "type", params: { type: "array" }, message: "must be array" }];
                                                        return false;
                                                      }
                                                    }
                                                  }
                                                } else {
                                                  validate23.errors = [{ instancePath: instancePath + "/reply_markup", schemaPath: "#/properties/reply_markup/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                                                  return false;
                                                }
                                              }
                                              var valid0 = _errs43 === errors;
                                            } else {
                                              var valid0 = true;
                                            }
                                          }
                                        }
                                      }
                                    }
                                  }
                                }
                              }
                            }
                          }
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    } else {
      validate23.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
      return false;
    }
  }
  validate23.errors = vErrors;
  return errors === 0;
}
function validate22(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      let missing0;
      if (data.update_id === void 0 && (missing0 = "update_id")) {
        validate22.errors = [{ instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: missing0 }, message: "must have required property '" + missing0 + "'" }];
        return false;
      } else {
        if (data.update_id !== void 0) {
          let data0 = data.update_id;
          const _errs1 = errors;
          if (!(typeof data0 == "number" && (!(data0 % 1) && !isNaN(data0)) && isFinite(data0))) {
            validate22.errors = [{ instancePath: instancePath + "/update_id", schemaPath: "#/properties/update_id/type", keyword: "type", params: { type: "integer" }, message: "must be integer" }];
            return false;
          }
          if (errors === _errs1) {
            if (typeof data0 == "number" && isFinite(data0)) {
              if (data0 > 9007199254740991 || isNaN(data0)) {
                validate22.errors = [{ instancePath: instancePath + "/update_id", schemaPath: "#/properties/update_id/maximum", keyword: "maximum", params: { comparison: "<=", limit: 9007199254740991 }, message: "must be <= 9007199254740991" }];
                return false;
              } else {
                if (data0 < 0 || isNaN(data0)) {
                  validate22.errors = [{ instancePath: instancePath + "/update_id", schemaPath: "#/properties/update_id/minimum", keyword: "minimum", params: { comparison: ">=", limit: 0 }, message: "must be >= 0" }];
                  return false;
                }
              }
            }
          }
          var valid0 = _errs1 === errors;
        } else {
          var valid0 = true;
        }
        if (valid0) {
          if (data.message !== void 0) {
            const _errs3 = errors;
            if (!validate23(data.message, { instancePath: instancePath + "/message", parentData: data, parentDataProperty: "message", rootData })) {
              vErrors = vErrors === null ? validate23.errors : vErrors.concat(validate23.errors);
              errors = vErrors.length;
            }
            var valid0 = _errs3 === errors;
          } else {
            var valid0 = true;
          }
          if (valid0) {
            if (data.channel_post !== void 0) {
              const _errs4 = errors;
              if (!validate23(data.channel_post, { instancePath: instancePath + "/channel_post", parentData: data, parentDataProperty: "channel_post", rootData })) {
                vErrors = vErrors === null ? validate23.errors : vErrors.concat(validate23.errors);
                errors = vErrors.length;
              }
              var valid0 = _errs4 === errors;
            } else {
              var valid0 = true;
            }
            if (valid0) {
              if (data.callback_query !== void 0) {
                let data3 = data.callback_query;
                const _errs5 = errors;
                if (errors === _errs5) {
                  if (data3 && typeof data3 == "object" && !Array.isArray(data3)) {
                    let missing1;
                    if (data3.id === void 0 && (missing1 = "id") || data3.from === void 0 && (missing1 = "from")) {
                      validate22.errors = [{ instancePath: instancePath + "/callback_query", schemaPath: "#/properties/callback_query/required", keyword: "required", params: { missingProperty: missing1 }, message: "must have required property '" + missing1 + "'" }];
                      return false;
                    } else {
                      if (data3.id !== void 0) {
                        let data4 = data3.id;
                        const _errs7 = errors;
                        if (errors === _errs7) {
                          if (typeof data4 === "string") {
                            if (func2(data4) > 256) {
                              validate22.errors = [{ instancePath: instancePath + "/callback_query/id", schemaPath: "#/properties/callback_query/properties/id/maxLength", keyword: "maxLength", params: { limit: 256 }, message: "must NOT have more than 256 characters" }];
                              return false;
                            } else {
                              if (func2(data4) < 1) {
                                validate22.errors = [{ instancePath: instancePath + "/callback_query/id", schemaPath: "#/properties/callback_query/properties/id/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" }];
                                return false;
                              }
                            }
                          } else {
                            validate22.errors = [{ instancePath: instancePath + "/callback_query/id", schemaPath: "#/properties/callback_query/properties/id/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                            return false;
                          }
                        }
                        var valid1 = _errs7 === errors;
                      } else {
                        var valid1 = true;
                      }
                      if (valid1) {
                        if (data3.from !== void 0) {
                          const _errs9 = errors;
                          if (!validate30(data3.from, { instancePath: instancePath + "/callback_query/from", parentData: data3, parentDataProperty: "from", rootData })) {
                            vErrors = vErrors === null ? validate30.errors : vErrors.concat(validate30.errors);
                            errors = vErrors.length;
                          }
                          var valid1 = _errs9 === errors;
                        } else {
                          var valid1 = true;
                        }
                        if (valid1) {
                          if (data3.message !== void 0) {
                            const _errs10 = errors;
                            if (!validate23(data3.message, { instancePath: instancePath + "/callback_query/message", parentData: data3, parentDataProperty: "message", rootData })) {
                              vErrors = vErrors === null ? validate23.errors : vErrors.concat(validate23.errors);
                              errors = vErrors.length;
                            }
                            var valid1 = _errs10 === errors;
                          } else {
                            var valid1 = true;
                          }
                          if (valid1) {
                            if (data3.data !== void 0) {
                              let data7 = data3.data;
                              const _errs11 = errors;
                              if (errors === _errs11) {
                                if (typeof data7 === "string") {
                                  if (func2(data7) > 256) {
                                    validate22.errors = [{ instancePath: instancePath + "/callback_query/data", schemaPath: "#/properties/callback_query/properties/data/maxLength", keyword: "maxLength", params: { limit: 256 }, message: "must NOT have more than 256 characters" }];
                                    return false;
                                  }
                                } else {
                                  validate22.errors = [{ instancePath: instancePath + "/callback_query/data", schemaPath: "#/properties/callback_query/properties/data/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                                  return false;
                                }
                              }
                              var valid1 = _errs11 === errors;
                            } else {
                              var valid1 = true;
                            }
                          }
                        }
                      }
                    }
                  } else {
                    validate22.errors = [{ instancePath: instancePath + "/callback_query", schemaPath: "#/properties/callback_query/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                    return false;
                  }
                }
                var valid0 = _errs5 === errors;
              } else {
                var valid0 = true;
              }
              if (valid0) {
                if (data.stopped_message_generation !== void 0) {
                  let data8 = data.stopped_message_generation;
                  const _errs13 = errors;
                  if (errors === _errs13) {
                    if (data8 && typeof data8 == "object" && !Array.isArray(data8)) {
                      let missing2;
                      if (data8.chat === void 0 && (missing2 = "chat") || data8.draft_id === void 0 && (missing2 = "draft_id")) {
                        validate22.errors = [{ instancePath: instancePath + "/stopped_message_generation", schemaPath: "#/properties/stopped_message_generation/required", keyword: "required", params: { missingProperty: missing2 }, message: "must have required property '" + missing2 + "'" }];
                        return false;
                      } else {
                        if (data8.chat !== void 0) {
                          const _errs15 = errors;
                          if (!validate27(data8.chat, { instancePath: instancePath + "/stopped_message_generation/chat", parentData: data8, parentDataProperty: "chat", rootData })) {
                            vErrors = vErrors === null ? validate27.errors : vErrors.concat(validate27.errors);
                            errors = vErrors.length;
                          }
                          var valid2 = _errs15 === errors;
                        } else {
                          var valid2 = true;
                        }
                        if (valid2) {
                          if (data8.message_thread_id !== void 0) {
                            const _errs16 = errors;
                            if (!validate24(data8.message_thread_id, { instancePath: instancePath + "/stopped_message_generation/message_thread_id", parentData: data8, parentDataProperty: "message_thread_id", rootData })) {
                              vErrors = vErrors === null ? validate24.errors : vErrors.concat(validate24.errors);
                              errors = vErrors.length;
                            }
                            var valid2 = _errs16 === errors;
                          } else {
                            var valid2 = true;
                          }
                          if (valid2) {
                            if (data8.draft_id !== void 0) {
                              const _errs17 = errors;
                              if (!validate24(data8.draft_id, { instancePath: instancePath + "/stopped_message_generation/draft_id", parentData: data8, parentDataProperty: "draft_id", rootData })) {
                                vErrors = vErrors === null ? validate24.errors : vErrors.concat(validate24.errors);
                                errors = vErrors.length;
                              }
                              var valid2 = _errs17 === errors;
                            } else {
                              var valid2 = true;
                            }
                          }
                        }
                      }
                    } else {
                      validate22.errors = [{ instancePath: instancePath + "/stopped_message_generation", schemaPath: "#/properties/stopped_message_generation/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                      return false;
                    }
                  }
                  var valid0 = _errs13 === errors;
                } else {
                  var valid0 = true;
                }
              }
            }
          }
        }
      }
    } else {
      validate22.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
      return false;
    }
  }
  validate22.errors = vErrors;
  return errors === 0;
}
function validate21(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      let missing0;
      if (data.body === void 0 && (missing0 = "body")) {
        validate21.errors = [{ instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: missing0 }, message: "must have required property '" + missing0 + "'" }];
        return false;
      } else {
        if (data.body !== void 0) {
          if (!validate22(data.body, { instancePath: instancePath + "/body", parentData: data, parentDataProperty: "body", rootData })) {
            vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
            errors = vErrors.length;
          }
        }
      }
    } else {
      validate21.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
      return false;
    }
  }
  validate21.errors = vErrors;
  return errors === 0;
}
export {
  stdin_default as default,
  validate
};
